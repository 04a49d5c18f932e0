"""Who may see which field of whom, and for what: pure decisions on data."""
