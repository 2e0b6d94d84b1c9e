"""The SSH keys in the database: added once, used by name, never shown again."""

import re
from collections.abc import Sequence

import paramiko
from sqlalchemy import select

from p2ppool.errors import UserError, one_line
from p2ppool.keys.agent import choose_agent_key, public_line_of
from p2ppool.keys.certificate import check_certificate
from p2ppool.keys.private_key import parse_private_key
from p2ppool.settings import Settings
from p2ppool.store.locks import one_at_a_time
from p2ppool.store.models import Pool, SshKey
from p2ppool.store.unit_of_work import UnitOfWork
from p2ppool.store.vault import Vault
from p2ppool.store.vault_key import open_vault, require_current

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def add_key_data(
    work: UnitOfWork, config: Settings, name: str, data: bytes, passphrase: str | None = None
) -> SshKey:
    """Add the key, sealed with the vault of the settings. The caller commits.

    Raises:
        UserError: the key, its passphrase or the name can't be used.
    """
    return add_key(work, open_vault(work.session, config), name, data, passphrase)


def add_key(work: UnitOfWork, vault: Vault, name: str, data: bytes, passphrase: str | None = None) -> SshKey:
    """Add a private key, sealed and without its passphrase, so that no run needs one. The caller commits.

    The same key again under the same name is harmless.

    Raises:
        UserError: a name that can't be used or that another key has.
        PrivateKeyError: not a key that can be used.
    """
    _check_name(name)
    key = parse_private_key(data, passphrase)
    one_at_a_time(work.session, "keys")
    known = _known(work, name, key.fingerprint)
    if known is not None:
        return known
    require_current(work.session, vault)
    row = SshKey(
        name=name,
        key_type=key.type,
        bits=key.bits,
        fingerprint=key.fingerprint,
        public_line=key.public_line,
    )
    row.sealed = vault.seal(key.openssh, row.purpose)
    work.session.add(row)
    work.session.flush()
    return row


def add_agent_key(work: UnitOfWork, name: str, public_line: str | None) -> SshKey:
    """Add a key that stays in the SSH agent: that of this public line, or the only one. The caller commits.

    Raises:
        UserError: the name can't be used, or the agent does not hold the key.
    """
    _check_name(name)
    key = choose_agent_key(public_line)
    one_at_a_time(work.session, "keys")
    known = _known(work, name, key.fingerprint)
    if known is not None:
        return known
    row = SshKey(
        name=name,
        key_type=key.get_name(),
        bits=key.get_bits(),
        fingerprint=key.fingerprint,
        public_line=public_line_of(key),
        sealed=b"",
    )
    work.session.add(row)
    work.session.flush()
    return row


def set_certificate(row: SshKey, data: bytes) -> None:
    """Keep a certificate beside the key, instead of an earlier one. The caller commits.

    Raises:
        UserError: it is none, another key's or a host's, or has expired.
    """
    row.certificate = check_certificate(data, row.public_line)


def find_key(work: UnitOfWork, name: str) -> SshKey:
    """Return the key's row, whose secret part stays sealed.

    Raises:
        UserError: there is none of this name.
    """
    row = _find(work, name)
    if row is None:
        raise UserError(f"SSH key: no key is named '{one_line(name, 80)}'; see `p2ppool key list`")
    return row


def load_key(work: UnitOfWork, vault: Vault, name: str) -> paramiko.PKey:
    """Load the key itself, ready for logins.

    Raises:
        UserError: there is none of this name, or it is in an SSH agent, which does not hold it.
        VaultError: it can't be decrypted with this vault's key.
    """
    row = find_key(work, name)
    if row.sealed:
        key = parse_private_key(vault.unseal(row.sealed, row.purpose)).pkey
    else:
        key = choose_agent_key(row.public_line)
    if row.certificate is not None:
        key.load_certificate(row.certificate)
    return key


def delete_key(work: UnitOfWork, name: str) -> None:
    """Delete a key that no pool uses. The caller commits.

    Raises:
        UserError: there is none of this name, or pools use it.
    """
    row = find_key(work, name)
    pools = work.session.scalars(select(Pool.name).where(Pool.ssh_key_id == row.id).order_by(Pool.name)).all()
    if pools:
        raise UserError(f"SSH key {name} is in use by pool {', '.join(pools)}: delete the pool first")
    work.session.delete(row)
    work.session.flush()


def list_keys(work: UnitOfWork) -> Sequence[SshKey]:
    """List all keys by name; nothing is unsealed."""
    return work.session.scalars(select(SshKey).order_by(SshKey.name)).all()


def _find(work: UnitOfWork, name: str) -> SshKey | None:
    if not _NAME.fullmatch(name):
        return None
    return work.session.scalar(select(SshKey).where(SshKey.name == name))


def _known(work: UnitOfWork, name: str, fingerprint: str) -> SshKey | None:
    """Return the key of this name; None if there is none.

    Raises:
        UserError: it is another key.
    """
    known = _find(work, name)
    if known is not None and known.fingerprint != fingerprint:
        raise UserError(f"SSH key: '{name}' is already the name of another key ({known.fingerprint})")
    return known


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise UserError(
            f"SSH key: the name '{one_line(name, 80)}' is not 1 to 64 letters, digits, '.', '_' or '-', "
            "of which the first is a letter or digit"
        )
