"""`p2ppool up`: the Prefect server, the dispatcher and the pages, until a signal."""
