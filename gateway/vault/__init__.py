"""What must stay secret: the key ring."""
