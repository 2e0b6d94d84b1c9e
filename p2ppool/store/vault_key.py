"""The vault of a database: recognises its key, and changes it.

A new key lies beside the old one, named after its fingerprint, before the database is changed in one
transaction; it takes the old one's place afterwards. Whenever this is cut short, the fingerprint in the
database says which is the key.
"""

from pathlib import Path
from typing import Any, Final

from sqlalchemy import ColumnElement, Engine, and_, exists, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session, object_session

from p2ppool.settings import Settings
from p2ppool.store.locks import one_at_a_time
from p2ppool.store.models import SEALED, Base, VaultKey
from p2ppool.store.unit_of_work import UnitOfWork, reading
from p2ppool.store.vault import (
    KEY_FILE,
    KEY_VARIABLE,
    Vault,
    VaultError,
    new_key,
    remove_new_keys,
    replace_key,
    write_new_key,
)

_ROW: Final = 1
_RESTORE: Final = (
    "restore it from a copy. If there is none, what is sealed is lost: delete the SSH keys (p2ppool key "
    "delete) and the groups, and a new key is made"
)


def open_vault(session: Session, config: Settings) -> Vault:
    """Open the vault with which this database is sealed; its key is made if nothing has been sealed yet.

    A change of the key waits for the session's transaction.

    Raises:
        VaultError: the key is lost, is another one, or can't be used.
    """
    known = _fingerprint(session)
    has_sealed = is_anything_sealed(session)
    if has_sealed:
        vault = _find(config, known)
        if known is None:
            _check_by_trial(session, vault)
        return vault
    return Vault.open(config.data_folder, config.vault_key)


def vault_of(engine: Engine, config: Settings) -> Vault:
    """Open the vault of a database, for what has no transaction of its own yet.

    Raises:
        VaultError: as `open_vault`.
    """
    with reading(engine) as work:
        return open_vault(work.session, config)


def make_first_key(engine: Engine, config: Settings) -> None:
    """Make the key's file if there is none, unless something was sealed with one that is lost."""
    if config.vault_key is None and not (config.data_folder / KEY_FILE).exists():
        with reading(engine) as work:
            if not is_anything_sealed(work.session):
                Vault.open(config.data_folder, None)


def require_current(session: Session, vault: Vault) -> None:
    """Check, in the transaction that stores a secret, that this is the database's vault.

    Its key is recorded if none is known yet.

    Raises:
        VaultError: the key was changed meanwhile.
    """
    known = _fingerprint(session)
    if known is None:
        one_at_a_time(session, "vault")  # there is no row yet that could be locked
        known = _fingerprint(session)
    if known == vault.fingerprint:
        return
    if is_anything_sealed(session):
        if known is not None:
            raise VaultError("the vault's key was changed: try again")
        _check_by_trial(session, vault)
    _record(session, vault)


def require_current_for(row: Base, vault: Vault) -> None:
    """Call `require_current` for the session of a row that is about to get a sealed secret."""
    session = object_session(row)
    if session is not None:
        with session.no_autoflush:
            require_current(session, vault)


def is_anything_sealed(session: Session) -> bool:
    """Return whether the database has a sealed secret."""
    return any(session.scalar(select(exists().where(_is_sealed(column)))) for column in SEALED)


def rotate(engine: Engine, config: Settings, given: str | None = None) -> int:
    """Seal everything with a new key, in one transaction; return how many secrets there are.

    `given` replaces a key that comes from the environment; None: one is made, beside the file of the old one.

    Raises:
        VaultError: a secret can't be unsealed, or the key can't be used; then nothing is changed.
    """
    with UnitOfWork(engine) as work:
        one_at_a_time(work.session, "vault")
        work.session.execute(select(VaultKey).with_for_update()).all()
        old = open_vault(work.session, config)
        new = Vault.from_text(given) if given else _beside(config)
        count = _seal_all(work.session, old, new)
        _record(work.session, new)
        work.commit()
    if not given:
        replace_key(config.data_folder, new.fingerprint)
    return count


def _beside(config: Settings) -> Vault:
    if config.vault_key is not None:
        raise VaultError(f"the vault's key is in {KEY_VARIABLE}: give the new one as a file (--key-file)")
    remove_new_keys(config.data_folder)
    text = new_key()
    write_new_key(config.data_folder, text)
    return Vault.from_text(text)


def _seal_all(session: Session, old: Vault, new: Vault) -> int:
    count = 0
    for column in SEALED:
        for row in session.scalars(select(column.class_).where(_is_sealed(column))):
            plain = old.unseal(getattr(row, column.key), row.purpose)
            setattr(row, column.key, new.seal(plain, row.purpose))
            count += 1
    return count


def _find(config: Settings, known: str | None) -> Vault:
    """Return the vault of the fingerprint; without one, that of the key that is there."""
    if config.vault_key is None:
        return _find_file(config.data_folder, known)
    vault = Vault.open(config.data_folder, config.vault_key)
    if known not in {None, vault.fingerprint}:
        raise VaultError(f"{KEY_VARIABLE} is not the key that this database is sealed with: restore that one")
    return vault


def _find_file(folder: Path, known: str | None) -> Vault:
    if known is not None:  # a change of the key may have been cut short after its transaction
        replace_key(folder, known)
    place = folder / KEY_FILE
    if not place.exists():
        raise VaultError(f"the vault's key {place} is missing: {_RESTORE}")
    vault = Vault.open(folder, None)
    if known not in {None, vault.fingerprint}:
        raise VaultError(
            f"the vault's key {place} is not the one that this database is sealed with: {_RESTORE}"
        )
    return vault


def _check_by_trial(session: Session, vault: Vault) -> None:
    """Check the vault with the secrets of a database of an earlier release, which knows no fingerprint.

    Raises:
        VaultError: none of them was sealed with its key.
    """
    failed: VaultError | None = None
    for column in SEALED:
        for row in session.scalars(select(column.class_).where(_is_sealed(column))):
            try:
                vault.unseal(getattr(row, column.key), row.purpose)
            except VaultError as error:  # one that is damaged says nothing of the key
                failed = failed or error
            else:
                return
    if failed is not None:
        raise failed


def _fingerprint(session: Session) -> str | None:
    """Read the fingerprint; until the transaction ends, nobody changes it."""
    return session.scalar(select(VaultKey.fingerprint).with_for_update(read=True))


def _record(session: Session, vault: Vault) -> None:
    session.merge(VaultKey(id=_ROW, fingerprint=vault.fingerprint))
    session.flush()


def _is_sealed(column: InstrumentedAttribute[Any]) -> ColumnElement[bool]:
    return and_(column.is_not(None), func.length(column) > 0)
