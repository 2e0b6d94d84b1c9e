"""What a pool is: its spec, hosts, ports, version and limits, and how they are changed."""
