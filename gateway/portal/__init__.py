"""What people see: pages made on the server, usable without JavaScript, over the same pipeline as the API."""
