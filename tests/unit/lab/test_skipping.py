import pytest

from tests.lab.skipping import skip_unless_ci


def test_without_a_reason_the_test_runs(monkeypatch):
    monkeypatch.setenv("CI", "true")
    skip_unless_ci(None)


def test_a_developer_s_machine_may_lack_something(monkeypatch):
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="no root"):
        skip_unless_ci("no root")


def test_ci_may_not(monkeypatch):
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="no root"):
        skip_unless_ci("no root")
