"""The record of every look: events in hash chains, anchored outside the database, verified and queried."""
