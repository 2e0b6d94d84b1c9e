"""`p2ppool demo`: everything on this machine, driven by the commands a manager types."""
