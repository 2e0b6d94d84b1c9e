"""Commands for users: `p2ppool user …` and `p2ppool token …`."""
