"""Delivering a mail to the mail server (RFC 5321)."""

import smtplib
import ssl
from typing import Final

from p2ppool.errors import UserError, one_line
from p2ppool.mail.message import compose
from p2ppool.settings import Settings

_FINAL: Final = 500  # and above
_TIMEOUT: Final = 15.0  # seconds for each answer of the mail server


class TryLaterError(UserError):
    """The mail server is unavailable, or does not accept the mail now (RFC 5321, 4.2.1: not 5xx)."""


def deliver(settings: Settings, to: str, subject: str, text: str) -> None:
    """Send a mail and wait until the mail server has it.

    Raises:
        TryLaterError: the mail server is away or busy.
        UserError: no mail server is set, or it will never take the mail.
    """
    if not settings.smtp_host:
        raise UserError("no mail server is set: P2PPOOL_SMTP_HOST")
    message = compose(settings.smtp_from, to, subject, text)
    try:
        with _connect(settings) as server:
            if settings.smtp_user and settings.smtp_password is not None:
                server.login(settings.smtp_user, settings.smtp_password.get_secret_value())
            server.send_message(message)
    except (OSError, smtplib.SMTPException, ValueError) as error:
        where = f"{settings.smtp_host}:{settings.smtp_port}"
        # No exception chain: it could contain the password.
        raise (UserError if _is_final(error) else TryLaterError)(
            f"the mail server {where} did not take the mail to {one_line(to, 80)}: {_why(error)}"
        ) from None


def _connect(settings: Settings) -> smtplib.SMTP:
    where = (settings.smtp_host, settings.smtp_port)
    if settings.smtp_tls == "tls":
        return smtplib.SMTP_SSL(*where, timeout=_TIMEOUT, context=ssl.create_default_context())
    server = smtplib.SMTP(*where, timeout=_TIMEOUT)
    if settings.smtp_tls == "starttls":
        try:
            server.starttls(context=ssl.create_default_context())
        except BaseException:
            server.close()
            raise
    return server


def _is_final(error: Exception) -> bool:
    """Tell whether a retry would fail the same way (RFC 5321, 4.2.1: 5xx)."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = [code for code, _ in error.recipients.values()]
    elif isinstance(error, smtplib.SMTPResponseException):
        codes = [error.smtp_code]
    else:
        return isinstance(error, smtplib.SMTPNotSupportedError | ValueError)
    return all(_FINAL <= code < _FINAL + 100 for code in codes)


def _why(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return "it refuses the user or the password"
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return "it refuses the recipient"
    if isinstance(error, smtplib.SMTPResponseException):
        answer = error.smtp_error
        text = answer.decode("ascii", "replace") if isinstance(answer, bytes) else answer
        return f"{error.smtp_code} {one_line(text, 120)}"
    return one_line(error, 160) or type(error).__name__
