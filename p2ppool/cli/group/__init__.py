"""Commands about groups: `p2ppool group …` and `p2ppool appliance …`."""
