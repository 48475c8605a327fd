"""Questions on the selected node."""
