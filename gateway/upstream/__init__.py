"""Line systems as the gateway sees them: the HTTP client, accounts and their upstream sessions, health."""
