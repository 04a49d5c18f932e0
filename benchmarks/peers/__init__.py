"""Others on the same machine in the same run; each is left out, loudly, where it is not installed."""
