"""An agent with less patience than managers want, for tests."""

from p2ppool.fleet import agent


def make_quick(monkeypatch):
    """A node that stays up for three tenths of a second counts as one that stays."""
    script = agent.script().replace("SETTLE=15 ", "SETTLE=3 ").replace("PATIENCE=100 ", "PATIENCE=20 ")
    monkeypatch.setattr(agent, "script", lambda: script)
