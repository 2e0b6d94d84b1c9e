"""Sessions: who somebody is, how they were let in, and how often they may try."""
