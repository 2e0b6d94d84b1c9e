"""Makes the install bundle of a pool: a package, its node config and start scripts."""
