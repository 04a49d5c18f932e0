"""Mock line systems: upstreams with real manners, all drawing from one synthetic city."""
