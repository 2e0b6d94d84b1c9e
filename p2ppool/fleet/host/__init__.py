"""One host: where it is, how long it may take, and what became of it."""
