"""Which callbacks a page must not ask for a second time."""

import json
import re
from html import unescape

from dashboards.web.access import Need, acts, managers_only
from dashboards.web.changing import changes
from p2ppool.store.models import PoolRole
from tests.unit.dashboards.web.access_table import CALLBACKS
from tests.unit.dashboards.web.test_access import dependencies, first_output

OWN = {"nodes-told.children", "nodes-given.data"}
"""What people change for themselves."""
ONLY_READ = {"new-pool-name-problem.children", "new-pool-found.children", "new-pool-go.href"}
"""What managers alone may have, but changes nothing."""


def told(browser):
    """What the document tells the page."""
    found = re.search('<meta name="changing-callbacks" content="(.*?)">', browser.get("/").text)
    return set(json.loads(unescape(found[1])))


def test_every_callback_that_changes_something_is_told_to_the_page(browser):
    by_output = {each["output"]: first_output(each) for each in dependencies(browser)}
    acting = {output for output, need in CALLBACKS.items() if need in {Need.MANAGER, *PoolRole}}
    assert {by_output[output] for output in told(browser)} == (acting - ONLY_READ) | OWN


def test_they_are_told_as_a_page_names_them(browser):
    """One whose outputs depend on the page would be asked for again: there is to be none."""
    assert not any("{" in output for output in told(browser))


def test_what_acts_is_marked_and_what_managers_read_is_not():
    marks = [getattr(how(lambda: None), "p2ppool_changes", False) for how in (acts, changes, managers_only)]
    assert marks == [True, True, False]
