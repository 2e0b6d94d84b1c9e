"""Commands about pools: `p2ppool pool …`."""
