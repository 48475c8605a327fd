"""The list of breakpoints."""
