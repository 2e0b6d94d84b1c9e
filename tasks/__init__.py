"""The steps of actions, as Prefect tasks: a few lines each around `p2ppool`."""
