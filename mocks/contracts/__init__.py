"""What the connectors of this tree are tried with; the connector itself comes by its entry point.

One module for each system, imported when it is asked for: the town takes a second to build.
"""
