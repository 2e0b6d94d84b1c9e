"""The revocation lists of all groups, made for the day."""

import logging

import pytest

from deployments.dispatcher.daily import once
from deployments.dispatcher.revocation_lists import publish_all
from p2ppool.groups.certificates import revocation_lists
from p2ppool.groups.definition import registry
from p2ppool.settings import Settings
from p2ppool.store.models import GroupKind
from p2ppool.store.unit_of_work import UnitOfWork
from p2ppool.store.vault import Vault
from tests.lab.past.groups import OPEN, SECURE, a_user


@pytest.fixture
def config(tmp_path):
    return Settings(data_folder=tmp_path)


@pytest.fixture
def groups(engine, config):
    vault = Vault.open(config.data_folder, None)
    with UnitOfWork(engine) as work:
        ann = a_user(work.session, "ann")
        for name, network in (("lab", SECURE), ("open", OPEN)):
            about = registry.About()
            registry.make_vpn(work.session, vault, name, ann, about=about, network=network)
        work.commit()


def test_each_group_with_certificates_has_its_list(engine, groups, config):
    publish_all(engine, config)
    with UnitOfWork(engine) as work:
        made = [
            revocation_lists.stored(group.network)
            for group in registry.all_groups(work.session, GroupKind.VPN)
        ]
    assert [bool(each) for each in made] == [True, False]


def test_what_cannot_be_made_is_told(engine, groups, config, caplog):
    (config.data_folder / "vault.key").write_text("A" * 43 + "=")
    with caplog.at_level(logging.WARNING):
        once("revocation lists", lambda: publish_all(engine, config))
    assert "revocation lists: failed today, will be retried tomorrow: the vault's key " in caplog.text
    assert "is not the one that this database is sealed with" in caplog.text
