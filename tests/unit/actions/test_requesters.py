"""Who asked for a run: only what is signed is believed."""

from dataclasses import replace

import pytest

from p2ppool.actions.requesters import Origin, Requesters, tag_of

OURS, ANOTHER = Requesters(b"k" * 32), Requesters(b"x" * 32)
PARAMETERS = {"pool": "demo", "retry_of": 3, "name": "é\ud800"}


def signed(requester="ada", by=OURS):
    return Origin((tag_of(requester),), by.sign("stop", PARAMETERS, requester))


def who(origin, action="stop", parameters=PARAMETERS):
    return OURS.requester_of(action, parameters, origin)


@pytest.mark.parametrize("name", ["ada", "ada lovelace", "page <b>ada</b>", "a\0da\n", "ä" * 500])
def test_who_signed_is_believed(name):
    assert who(signed(name)) == tag_of(name).removeprefix("requester:")


def test_other_tags_beside_it_do_not_matter():
    origin = signed()
    assert who(replace(origin, tags=("night", "requester:bob", *origin.tags))) == "ada"


@pytest.mark.parametrize(
    "origin",
    [
        Origin(),
        Origin(("requester:ada",)),
        Origin(("requester:ada",), "ada"),
        Origin(("requester:ada",), "number."),
        Origin(("requester:ada",), "é.\ud800"),
        Origin(("auto-scheduled", "requester:schedule")),
        replace(signed(), tags=("requester:bob",)),
        replace(signed(), key=f"0{signed().key}"),
        signed(by=ANOTHER),
    ],
)
def test_what_anybody_could_write_is_not(origin):
    assert who(origin) == "Prefect API"


@pytest.mark.parametrize(
    ("action", "parameters"), [("crawl", PARAMETERS), ("stop", PARAMETERS | {"pool": "other"}), ("stop", {})]
)
def test_a_signature_holds_for_one_request_alone(action, parameters):
    assert who(signed(), action, parameters) == "Prefect API"


def test_each_request_has_a_key_of_its_own():
    assert signed().key != signed().key


def test_an_automation_is_named_as_prefect_names_it():
    assert who(Origin(automation="night\nwatch")) == "Prefect API (automation night watch)"
    assert len(who(Origin(automation="ä" * 500))) == 64


def test_a_schedule_is_what_prefect_says_and_no_tag():
    assert who(Origin(scheduled=True)) == "schedule"
