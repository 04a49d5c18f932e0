"""The gateway's own state: tables, engine, migrations."""
