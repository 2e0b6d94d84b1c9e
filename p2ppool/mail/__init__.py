"""Mails to users: plain text, sent beside the work, so that no page waits for a mail server.

`send` is for whoever is at work; what could not be sent is logged and shown to managers (`failures`).
"""

from p2ppool.mail.outbox import failures, send, soon, wait
from p2ppool.mail.sending import deliver

__all__ = ["deliver", "failures", "send", "soon", "wait"]
