"""The steps that bring a database to the shape of :mod:`gateway.store.tables`; alembic runs them."""

HEAD = "0004"
"""The newest revision, so that a start-up can see that there is nothing to do without loading alembic."""
