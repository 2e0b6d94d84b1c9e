"""docs/security.md says of every promise which test shows it; those tests exist."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROWS = [
    line.strip("|").split("|")
    for line in (ROOT / "docs/security.md").read_text().splitlines()
    if line.startswith("| ") and line.count("|") == 3
]
PROMISES = {promise.strip(): tests for promise, tests in ROWS if promise.strip() != "What holds"}
NAMED = sorted({named for tests in PROMISES.values() for named in re.findall(r"`(\S+\.py)::(\w+)`", tests)})


@pytest.mark.parametrize(("file", "test"), NAMED, ids=str)
def test_what_is_named_is_a_test(file, test):
    assert re.search(rf"^ *def {test}\(", (ROOT / "tests" / file).read_text(), re.MULTILINE)


def test_every_promise_has_its_test():
    assert len(PROMISES) > 30
    assert [promise for promise, tests in PROMISES.items() if "::test_" not in tests] == []
