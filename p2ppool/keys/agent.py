"""Keys that an SSH agent holds: the manager asks it to sign, and never has them."""

import os
from threading import Lock
from typing import Any

import paramiko

from p2ppool.errors import UserError

_VARIABLE = "SSH_AUTH_SOCK"


class _SharedAgent(paramiko.Agent):
    """A connection to the agent that many threads may use: one question at a time."""

    def __init__(self) -> None:
        self._turn = Lock()
        super().__init__()

    def _send_message(self, msg: Any) -> Any:
        with self._turn:
            return super()._send_message(msg)  # type: ignore[misc] # the stubs lack it


def choose_agent_key(public_line: str | None) -> paramiko.PKey:
    """Return the agent's key with this public line; None: the only one that it holds.

    Raises:
        UserError: there is no agent, or it does not hold that key, or several.
    """
    keys = _plain_keys()
    if public_line is not None:
        wanted = public_line.split()[:2]
        keys = [key for key in keys if public_line_of(key).split() == wanted]
    if not keys:
        raise UserError(
            f"SSH agent: it does not hold {'that' if public_line else 'a'} key; add it by ssh-add"
        )
    if len(keys) > 1:
        raise UserError("SSH agent: it holds several keys; name the file with the public key of one")
    return keys[0]


def public_line_of(key: paramiko.PKey) -> str:
    """Return type and base64 of a key's public half."""
    return f"{key.get_name()} {key.get_base64()}"


def _plain_keys() -> list[paramiko.PKey]:
    """List the agent's keys; its certificates are kept beside the keys here."""
    if not os.environ.get(_VARIABLE):
        raise UserError(f"SSH agent: none is known, as {_VARIABLE} is not set")
    try:
        keys = _SharedAgent().get_keys()
    except (paramiko.SSHException, OSError) as error:
        raise UserError(f"SSH agent: {os.environ[_VARIABLE]} does not answer ({error})") from error
    return [key for key in keys if "-cert-" not in key.get_name()]
