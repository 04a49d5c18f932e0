"""The handlers of the JSON API, one file a noun."""
