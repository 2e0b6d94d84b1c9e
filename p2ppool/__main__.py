"""`python -m p2ppool` is the `p2ppool` command."""

from p2ppool.cli import main

main()
