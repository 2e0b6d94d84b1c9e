"""The service's methods, with the names and messages of the original."""

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Final

from dashboards.group_service.call import is_from_this_machine
from dashboards.group_service.xml_rpc import FAILED, NOT_TAKEN, Call, CallError
from dashboards.web import context
from p2ppool.errors import UserError, one_line
from p2ppool.groups import enrolment, notices
from p2ppool.groups.certificates import revocation_lists
from p2ppool.groups.certificates.requests import Credentials, ServiceFault
from p2ppool.store.types import now
from p2ppool.store.vault import Vault, VaultError
from p2ppool.store.vault_key import vault_of

SUBMIT: Final = "SubmitRequest"

Answer = str | bytes | bool


def answer(call: Call) -> Answer:
    """Call the method and return its result.

    Raises:
        CallError: the call failed; it becomes the fault.
        VaultError: the server can't use its keys.
    """
    method = _METHODS.get(call.method)
    if method is None:
        raise CallError(NOT_TAKEN, f"unsupported method called: {one_line(call.method, 100)}")
    try:
        return method(call.parameters)
    except VaultError:
        raise
    except (ServiceFault, UserError) as error:
        raise CallError(FAILED, str(error)) from error


def _credentials_of(parameters: Sequence[object]) -> Credentials:
    """Read from the parameters who claims to send the submission.

    Raises:
        CallError: the parameters are not three texts.
    """
    user, group, secret = _texts(parameters[:3], "user", "group", "secret")
    return Credentials(user, group, secret)


def _submit(parameters: Sequence[object]) -> Answer:
    if len(parameters) != 4:  # noqa: PLR2004 - as the message says
        raise CallError(NOT_TAKEN, f"{SUBMIT} takes four parameters: user, group, secret, request")
    who, data = _credentials_of(parameters), _bytes(parameters[3])
    number, letters = enrolment.submit(context.whole_engine(), _vault(), who, data)
    notices.send(context.settings(), letters)
    return number


def _check(parameters: Sequence[object]) -> Answer:
    group, number = _texts(parameters, "group", "request")
    return enrolment.check(context.whole_engine(), group, number)


def _generate(parameters: Sequence[object]) -> Answer:
    (group,) = _of_this_machine(parameters)
    enrolment.ensure_authority(context.whole_engine(), _vault(), group)
    return True


def _update(parameters: Sequence[object]) -> Answer:
    (group,) = _of_this_machine(parameters)
    revocation_lists.demand(context.whole_engine(), _vault(), group, now())
    return True


_METHODS: Final[dict[str, Callable[[Sequence[object]], Answer]]] = {
    SUBMIT: _submit,
    "CheckRequest": _check,
    "GenerateCACert": _generate,
    "UpdateRevocationList": _update,
}


def _of_this_machine(parameters: Sequence[object]) -> list[str]:
    if not is_from_this_machine():
        raise CallError(FAILED, "Only programs of the server's own machine may call that.")
    return _texts(parameters, "group")


def _texts(given: Sequence[object], *names: str) -> list[str]:
    texts = [value for value in given if isinstance(value, str)]
    if len(given) != len(names) or len(texts) != len(names):
        raise CallError(NOT_TAKEN, f"the parameters must be strings: {', '.join(names)}")
    return texts


def _bytes(value: object) -> bytes:
    """Decode a base64 value or base64 text; anything else becomes empty, which the domain rejects."""
    if isinstance(value, bytes):
        return value
    try:
        return base64.b64decode("".join(value.split()), validate=True) if isinstance(value, str) else b""
    except (binascii.Error, ValueError):
        return b""


def _vault() -> Vault:
    return vault_of(context.whole_engine(), context.settings())
