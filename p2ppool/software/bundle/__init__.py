"""Builds the install bundle of a pool: a package, its node config and the start script."""
