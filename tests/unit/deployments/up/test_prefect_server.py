"""What is prepared for the Prefect server, and what its clients are told."""

from deployments.up.prefect_server import environment, prepare, temporary_folder
from p2ppool.prefect_client.credential import client_environment, credential_of, server_environment
from p2ppool.settings import Settings
from p2ppool.store.vault import Vault


def test_what_killed_processes_left_is_removed(tmp_path):
    config = Settings(data_folder=tmp_path)
    left, kept = temporary_folder(config) / "pymp-x1", temporary_folder(config) / "other"
    for folder in (left, kept):
        folder.mkdir(parents=True)
        (folder / "listener").touch()
    prepare(config)
    assert (left.exists(), kept.exists()) == (False, True)


def test_the_secret_is_derived_from_the_vault_and_only_where_it_is_needed(tmp_path):
    config, another = (Settings(data_folder=tmp_path / name) for name in "ab")
    for each in (config, another):
        Vault.open(each.data_folder, None)  # makes the key, as `p2ppool up` does
    secret = credential_of(config)
    assert secret == credential_of(config) != credential_of(another)
    assert server_environment(config)["PREFECT_SERVER_API_AUTH_STRING"] == secret
    assert client_environment(config)["PREFECT_API_AUTH_STRING"] == secret
    assert secret not in environment(config).values()
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["vault.key"]
