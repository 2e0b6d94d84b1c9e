"""Confines programs of packages on the manager's own machine.

`python -m p2ppool.confinement OPTIONS -- COMMAND…` gives up access to everything that a node does not need,
by Landlock and a system call filter, and then becomes COMMAND. Nothing here needs more than Python and the
kernel.
"""
