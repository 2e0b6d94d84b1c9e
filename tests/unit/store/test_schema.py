"""The schema is what the models say, on both databases, and moving to it loses nothing."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from p2ppool.errors import UserError
from p2ppool.store import migrating
from p2ppool.store.engine import open_engine
from p2ppool.store.models import Base
from p2ppool.store.schema import revision, revisions, upgrade


def test_the_migrations_make_what_the_models_describe(engine):
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_the_names_of_files_tell_the_revisions_in_order():
    config = Config()
    config.set_main_option("script_location", str(migrating.FOLDER))
    scripts = ScriptDirectory.from_config(config).walk_revisions()
    assert [script.revision for script in scripts] == list(reversed(revisions()))


def test_upgrading_twice_changes_nothing(engine):
    with engine.connect() as connection:
        before = revision(connection)
    upgrade(engine)
    with engine.connect() as connection:
        assert revision(connection) == before is not None


def test_a_database_of_a_later_release_is_refused_untouched(engine):
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(UserError, match=r"later release \(revision 9999\)"):
        upgrade(engine)
    assert set(inspect(engine).get_table_names()) >= set(Base.metadata.tables)


def test_sqlite_is_copied_before_it_is_changed(tmp_path, monkeypatch):
    engine = open_engine(f"sqlite:///{tmp_path / 'store.db'}")
    upgrade(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    monkeypatch.setattr("p2ppool.store.schema._current", lambda connection: False)
    monkeypatch.setattr("p2ppool.store.schema._run", lambda connection: None)

    upgrade(engine)

    copy = open_engine(f"sqlite:///{tmp_path / 'store.db.before-0000'}")
    assert set(inspect(copy).get_table_names()) >= set(Base.metadata.tables)
