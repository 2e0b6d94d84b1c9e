"""The certificate service of groups, for the machines of their members."""
