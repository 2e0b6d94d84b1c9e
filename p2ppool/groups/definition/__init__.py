"""Groups themselves: created, found, edited, deleted; their networks and terms."""
