"""The reference node: a small overlay that speaks and behaves in Brunet's terms, for demos and tests.

What it is: a structured ring over UDP (IPv4). A node joins by the RemoteTAs of its NodeConfig, keeps its
nearest neighbours on both sides and a few shortcuts, notices deaths by missing answers, heals, merges with
rings that formed apart, leaves politely on SIGINT, and answers the XML-RPC calls that a crawl of real Brunet
nodes makes.

What it is not: Brunet. It does not speak Brunet's protocol and cannot join a Brunet ring. It has UDP only
(TCP listeners and TCP addresses in a NodeConfig are passed over), no tunnels, no way through NAT, no data
storage and **no security**: whoever can send it packets can disturb it. It only bounds what such packets can
make it hold.

The folder travels to the hosts alone: standard library only, Python 3.8 or newer, relative imports only.
Read it from `wire` (what nodes say), `table` (order on the ring) and `links` (who is alive) up to `node` (one
node), `process` (the nodes behind one UDP port), `gateway` (XML-RPC) and `service` (sockets, clock, signals).
"""
