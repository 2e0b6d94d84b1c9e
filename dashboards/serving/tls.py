"""TLS by the server itself; new connections use a changed certificate, and those that are open go on."""

import logging
import ssl
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any, ClassVar, Final

from dashboards.serving.bounded_server import BoundedServer
from dashboards.serving.channel import Channel
from p2ppool.errors import UserError, one_line
from p2ppool.settings import Settings

_LOG: Final = logging.getLogger("p2ppool.server")
_RECORD: Final = 16_384  # bytes: reading less would leave some where the loop does not look
_NOT_YET: Final = (ssl.SSLWantReadError, ssl.SSLWantWriteError)
_State = tuple[tuple[int, int, int], ...]


class Certificate:
    """The certificate and key in two files, as a context for new connections."""

    def __init__(self, certificate: Path, key: Path) -> None:
        """Read the files.

        Raises:
            UserError: they can't be used.
        """
        self._files = (certificate, key)
        try:
            self._read_state = self._state()
            self.context = self._load()
        except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
            raise UserError(
                f"the certificate {certificate} and its key {key} can't be used: {one_line(error)}; check "
                f"{Settings.variable('tls_certificate')} and {Settings.variable('tls_key')}"
            ) from None

    def refresh(self) -> None:
        """Read the files again if they have changed; until both fit together, the earlier pair stays."""
        try:
            state = self._state()
            if state == self._read_state:
                return
            self._read_state = state
            self.context = self._load()
        except (OSError, ValueError) as error:
            _LOG.warning("the changed certificate can't be used yet: %s", one_line(error))
            return
        _LOG.warning("the changed certificate %s is in use", self._files[0])

    def _state(self) -> _State:
        found = [file.stat() for file in self._files]
        return tuple((each.st_mtime_ns, each.st_size, each.st_ino) for each in found)

    def _load(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        # A key with a passphrase would ask on the terminal.
        context.load_cert_chain(*self._files, password=_no_passphrase)
        return context


class TlsChannel(Channel):
    """A connection with TLS (RFC 8446), on a socket that never blocks."""

    _is_established = False
    _must_write = False

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self._tls_lock = threading.Lock()  # OpenSSL's connections are for one thread at a time
        super().__init__(*arguments, **options)

    def writable(self) -> bool:
        """Tell the loop whether to write, which a handshake may need."""
        return bool(self.connected and self._must_write) or super().writable()

    def handle_read(self) -> None:
        """Go on with the handshake, or read."""
        if not self._goes_on():
            return
        try:
            with self._tls_lock:
                data = self.socket.recv(_RECORD)
        except _NOT_YET:
            return
        except OSError:
            data = b""
        if data:
            self.moved(len(data))
            self.received(data)
        else:
            self.handle_close()

    def handle_write(self) -> None:
        """Go on with the handshake, or write."""
        if self.will_close or self._goes_on():
            super().handle_write()

    def send(self, data: bytes, do_close: bool = True) -> int:  # noqa: FBT001, FBT002 - waitress's
        """Send what the socket takes at once, and count it."""
        try:
            with self._tls_lock:
                sent: int = self.socket.send(data)
        except _NOT_YET:
            return 0
        except OSError:
            if do_close:
                self.handle_close()
            return 0
        self.moved(sent)
        return sent

    def handle_close(self) -> None:
        """Say goodbye, so that nobody takes a cut answer for a whole one, and close."""
        if self._is_established and self.connected:
            with suppress(OSError, ValueError), self._tls_lock:
                self.socket.unwrap()
        super().handle_close()

    def _goes_on(self) -> bool:
        """Tell whether the handshake is complete, after a further step of it."""
        if self._is_established:
            return True
        self._must_write = False
        try:
            with self._tls_lock:
                self.socket.do_handshake()
        except ssl.SSLWantReadError:
            return False
        except ssl.SSLWantWriteError:
            self._must_write = True
            return False
        except OSError:
            self.handle_close()
            return False
        self._is_established = True
        return True


class TlsServer(BoundedServer):
    """A listening socket whose connections are encrypted."""

    certificate: ClassVar[Certificate]

    def accept(self) -> tuple[Any, Any] | None:
        """Accept a connection; its handshake is done in the loop."""
        found = super().accept()
        if found is None:
            return None
        plain, address = found
        plain.settimeout(0)
        context = self.certificate.context
        return context.wrap_socket(plain, server_side=True, do_handshake_on_connect=False), address

    def maintenance(self, now: float) -> None:
        """Look whether the certificate has changed, too."""
        self.certificate.refresh()
        super().maintenance(now)


def _no_passphrase() -> str:
    return ""
