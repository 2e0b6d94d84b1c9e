"""An agent with less send_timeout than managers want, for tests."""

from p2ppool.fleet.agent import verbs


def make_quick(monkeypatch):
    """A node that stays up for three tenths of a second counts as one that stays."""
    script = verbs.script().replace("SETTLE=15 ", "SETTLE=3 ").replace("PATIENCE=100 ", "PATIENCE=20 ")
    monkeypatch.setattr(verbs, "script", lambda: script)
