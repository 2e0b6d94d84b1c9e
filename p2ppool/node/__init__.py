"""The reference node: a small overlay that behaves like Brunet, for demos and tests.

What it is: a structured ring over UDP (IPv4). A node joins through the RemoteTAs of its NodeConfig, keeps its
nearest neighbours on both sides and a few shortcuts, detects dead nodes by missing answers, repairs the ring,
merges with rings that formed apart, leaves gracefully on SIGINT, and answers the XML-RPC calls that a crawl
of real Brunet nodes makes.

What it is not: Brunet. It does not speak Brunet's protocol and cannot join a Brunet ring. It has UDP only
(TCP listeners and TCP addresses in a NodeConfig are ignored), no tunnels, no NAT traversal, no data storage
and **no security**: whoever can send it packets can disturb it. It only limits what such packets can make it
store.

The folder is shipped to the hosts on its own: standard library only, Python 3.8 or newer, relative imports
only. Read it from `wire` (the messages), `table` (order on the ring) and `links` (live peers) up to `node`
(one node), `process` (the nodes behind one UDP port), `gateway` (XML-RPC) and `service` (sockets, clock,
signals).
"""
