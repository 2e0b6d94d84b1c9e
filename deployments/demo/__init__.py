"""`p2ppool demo`: everything on one machine, controlled by the commands that a manager types."""
