"""Who is calling: local accounts, passwords, signing in, sessions and their CSRF tokens. No views."""
