"""The definition of a pool: its spec, hosts, ports, version and limits, and how they are changed."""
