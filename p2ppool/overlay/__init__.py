"""The overlay as its manager sees it, through the local node.

Read it from `wire` (XML-RPC with an untrusted peer), `gateway` (the local node's methods) and `answer` (a
node's answer, checked) up to `consistency`, `crawler` (the walk) and `snapshot` (its result).
"""
