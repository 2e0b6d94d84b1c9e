"""Commands about people: `p2ppool user …` and `p2ppool token …`."""
