"""A mail server on loopback that keeps what it gets."""

import re
from email import message_from_bytes, policy

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from p2ppool.mail import outbox


class Mailbox:
    """What came, as `EmailMessage`s; `refusing`: what it answers instead of taking a mail;
    `unknown`: mailboxes that it does not have."""

    def __init__(self):
        self.mails = []
        self.recipients = []
        self.refusing = []
        self.unknown = []

    async def handle_RCPT(self, _server, _session, envelope, address, _options):  # noqa: N802 - the library's
        if address in self.unknown:
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 known"

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802 - the library's
        if self.refusing:
            return self.refusing.pop()
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        self.recipients += envelope.rcpt_tos
        return "250 taken"

    def last_to(self, address):
        """The text of the last mail to that address, once all are sent."""
        outbox.wait()
        return [mail for mail in self.mails if mail["To"] == address][-1].get_content()

    def number(self):
        outbox.wait()
        return len(self.mails)


class _AnyPort(Controller):
    """Listens on a port that the system chooses; the library then asks it once."""

    def _trigger_server(self):
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@pytest.fixture
def mailbox(monkeypatch):
    """The mail server; its `settings` are what a manager sets to use it."""
    monkeypatch.setattr(outbox, "_PAUSES", [0.01])
    outbox.NOTICES.clear()
    outbox.OF_STRANGERS.clear()
    box = Mailbox()
    controller = _AnyPort(
        box,
        hostname="127.0.0.1",
        port=0,
        authenticator=lambda *asked: AuthResult(success=asked[-1].password == b"right", handled=False),
        auth_require_tls=False,
    )
    controller.start()
    box.settings = {
        "smtp_host": "127.0.0.1",
        "smtp_port": controller.port,
        "smtp_tls": "none",
        "smtp_from": "pools@example.org",
    }
    yield box
    outbox.wait()
    controller.stop()


def link_in(text):
    """(path, code) of the link in a mail."""
    return re.search(r"http://[^/]+(/\w+)#(\S+)", text).groups()
