"""Reads pools as a whole: cards, versions, the map, the archive."""
