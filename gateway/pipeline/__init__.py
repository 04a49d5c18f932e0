"""The way of one lookup; the whole order stands in :mod:`gateway.pipeline.build`."""
