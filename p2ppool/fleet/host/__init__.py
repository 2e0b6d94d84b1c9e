"""One host: its address, its time limits, and its outcome."""
