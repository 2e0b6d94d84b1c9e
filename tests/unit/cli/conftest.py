import pytest


@pytest.fixture
def data_folder_with_tables(data_folder, sqlite_file):
    """As another command has left it: the first need not make the tables."""
    data_folder.mkdir(mode=0o700)
    sqlite_file(data_folder / "p2ppool.db")
    return data_folder
