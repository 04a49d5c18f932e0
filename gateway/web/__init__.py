"""HTTP: one list of routes, one place that picks status codes."""
