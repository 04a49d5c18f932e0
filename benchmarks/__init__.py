"""How fast the gateway is: ratios to a bare server in the same run, never bare figures. See docs/performance.md."""
