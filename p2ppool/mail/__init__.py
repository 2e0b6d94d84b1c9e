"""Mails to users: plain text, sent in the background, so that no page waits for a mail server.

Use `send` in requests; failures are logged and shown to managers (`failures`).
"""

from p2ppool.mail.outbox import failures, send, soon, wait
from p2ppool.mail.sending import deliver

__all__ = ["deliver", "failures", "send", "soon", "wait"]
