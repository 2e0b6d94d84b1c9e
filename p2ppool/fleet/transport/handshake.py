"""SSH over a connected socket: safe algorithms, key exchange, login."""

import logging
import socket
from typing import Final

import paramiko

from p2ppool.fleet.host.limits import FleetLimits
from p2ppool.fleet.host.outcome import ErrorKind, HostFault
from p2ppool.fleet.transport import host_key
from p2ppool.fleet.transport.login import Login
from p2ppool.fleet.transport.tunnel_socket import TunnelSocket

CIPHERS: Final = ("aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "aes128-ctr", "aes256-ctr")
MACS: Final = (
    "hmac-sha2-256-etm@openssh.com",
    "hmac-sha2-512-etm@openssh.com",
    "hmac-sha2-256",
    "hmac-sha2-512",
)
LOG: Final = "p2ppool.fleet.transport.ssh"

# paramiko logs the traceback of every broken connection, which is an outcome here. Lower the level to see
# them.
logging.getLogger(LOG).setLevel(logging.CRITICAL)


class FleetTransport(paramiko.Transport):
    """Checks once a second whether it was closed, not ten times: the sockets here are shut down anyway."""

    _active_check_timeout = 1.0

    def __init__(self, sock: socket.socket | TunnelSocket, limits: FleetLimits, pinned: str | None) -> None:
        super().__init__(sock)  # type: ignore[arg-type] # the stubs know of no socket but the system's
        self.set_log_channel(LOG)
        self.banner_timeout = limits.banner_timeout
        self.handshake_timeout = limits.auth_timeout
        self.auth_timeout = limits.auth_timeout
        self.channel_timeout = limits.step_timeout
        self.daemon = True
        options = self.get_security_options()
        options.ciphers = CIPHERS
        options.digests = MACS
        options.key_types = host_key.preferred_algorithms(pinned)


def agree_on_keys(transport: FleetTransport, limits: FleetLimits) -> str:
    """Exchange keys; return the host key that the server proved to own.

    Raises:
        HostFault: no answer in time, no common algorithm, or the connection broke.
    """
    try:
        transport.start_client(timeout=limits.auth_timeout)
        # start_client returns silently when its time is up
        offered = transport.get_remote_server_key() if transport.initial_kex_done else None
    except EOFError as error:
        raise HostFault(ErrorKind.CONNECTION_LOST, "closed during the key exchange") from error
    except paramiko.SSHException as error:
        raise HostFault(_kind_of(error), str(error)) from error
    except OSError as error:
        raise HostFault(ErrorKind.CONNECTION_LOST, f"during the key exchange: {error}") from error
    if offered is None:
        raise HostFault(ErrorKind.STALLED, f"no key exchange within {limits.auth_timeout:g} s")
    return host_key.text_of(offered)


def sign_in(transport: FleetTransport, login: Login) -> None:
    """Sign in with public key authentication (RFC 4252, 7).

    Raises:
        HostFault: refused, more than a key is required, no answer in time, or the connection broke.
    """
    try:
        missing = transport.auth_publickey(login.user, login.key)
    except paramiko.AuthenticationException as error:
        raise _login_fault(transport, login, error) from error
    except (paramiko.SSHException, EOFError, OSError) as error:
        raise HostFault(ErrorKind.CONNECTION_LOST, f"during the login: {error}") from error
    if missing:
        raise HostFault(ErrorKind.AUTH_REFUSED, f"{login.user}: it also requires {', '.join(missing)}")


def _login_fault(
    transport: FleetTransport, login: Login, error: paramiko.AuthenticationException
) -> HostFault:
    if "timeout" in str(error).lower():
        return HostFault(ErrorKind.STALLED, "no answer to the login")
    if not transport.is_active() and "EOF" in str(error):
        return HostFault(ErrorKind.CONNECTION_LOST, "closed during the login")
    return HostFault(ErrorKind.AUTH_REFUSED, f"user {login.user}")


def _kind_of(error: paramiko.SSHException) -> ErrorKind:
    return ErrorKind.NOT_SSH if "banner" in str(error).lower() else ErrorKind.HANDSHAKE
