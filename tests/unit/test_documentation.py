"""What a user can set or type is documented, generated parts are up to date, and links lead somewhere."""

import re
import subprocess
import sys
from functools import cache
from html import unescape
from pathlib import Path

import pytest

from deployments.dispatcher.registration import SERVED
from p2ppool.documentation.commands import commands
from p2ppool.documentation.pages import outdated, rewritten
from p2ppool.fleet.host.outcome import EXPLANATIONS, ErrorKind
from p2ppool.overlay import errors
from p2ppool.overlay.errors import GatewayError
from p2ppool.overlay.snapshot import CutShort, NodeState
from p2ppool.prefect_client.states import as_run_state
from p2ppool.settings import Settings
from p2ppool.store.states import CertificateState, HostState, MemberState, PoolState, TicketState

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *FOLDER.rglob("*.md")])
DOCS = "\n".join(path.read_text() for path in sorted(FOLDER.rglob("*.md")))
COMMANDS = commands()
FENCE = re.compile(r"^ *```.*?^ *```$", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"""\]\(([^)\s]+)\)|(?:src|srcset|href)="([^"\s]+)\"""")


def section(text, heading):
    """What stands below a heading, up to the next one of the same or a higher rank."""
    rank = len(heading) - len(heading.lstrip("#"))
    return re.split(rf"^#{{1,{rank}}} ", text.partition(f"\n{heading}\n")[2], maxsplit=1, flags=re.MULTILINE)[
        0
    ]


@cache
def anchors(page):
    """The anchors of a page's headings, as GitHub makes them."""
    found, counts = set(), {}
    for heading in re.findall(r"^#+ (.+)$", FENCE.sub("", page.read_text()), re.MULTILINE):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)|[*`]", r"\1", unescape(heading))
        anchor = re.sub(r"[^\w\- ]", "", plain.strip().lower()).replace(" ", "-")
        count = counts[anchor] = counts.get(anchor, -1) + 1
        found.add(f"{anchor}-{count}" if count else anchor)
    return found


def links():
    for page in PAGES:
        for match in LINK.finditer(re.sub(r"`[^`\n]*`", "", FENCE.sub("", page.read_text()))):
            target = match[1] or match[2]
            if not re.match(r"[a-z]+:", target):
                yield pytest.param(page, target, id=f"{page.relative_to(ROOT)} {target}")


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_documented_with_its_meaning(name):
    field = Settings.model_fields[name]
    assert f"`{Settings.variable(name)}`" in DOCS
    assert field.description
    assert field.description.replace("|", "\\|") in DOCS


def test_no_setting_is_documented_that_is_not_there():
    known = {Settings.variable(name) for name in Settings.model_fields}
    assert set(re.findall(r"^\| `(P2PPOOL_\w+)`", DOCS, re.MULTILINE)) == known


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_documented_with_its_options(command):
    described = section(DOCS, f"### p2ppool {command}")
    assert described, f"docs describe no `### p2ppool {command}`"
    options = {option for parameter in COMMANDS[command].params for option in parameter.opts}
    expected = {option for option in options if option.startswith("--")} - {"--help"}
    assert {option for option in expected if f"`{option}" not in described} == set()


def test_no_command_is_documented_that_is_not_there():
    assert set(re.findall(r"^### p2ppool (.+)$", DOCS, re.MULTILINE)) == set(COMMANDS)


def test_every_flow_is_documented():
    for flow in SERVED:
        assert f"### {flow}\n" in DOCS, f"docs describe no flow `### {flow}`"


def test_generated_parts_are_as_the_code_has_them():
    assert list(outdated(FOLDER)) == [], "run scripts/document"


@pytest.mark.parametrize(
    ("page", "part"),
    [
        ("reference/columns.md", "columns"),
        ("reference/commands.md", "commands"),
        ("reference/error-kinds.md", "errors"),
        ("reference/flows.md", "actions"),
        ("reference/settings.md", "settings"),
        ("reference/turns.md", "turns"),
        ("reference/turns.md", "states"),
    ],
)
def test_what_can_be_generated_is_generated(page, part):
    assert f"<!-- generated: {part} -->\n" in (FOLDER / page).read_text()


def test_a_part_that_is_out_of_date_is_rewritten_and_nothing_else():
    stale = (
        "before\n<!-- generated: turns -->\nSTALE\n<!-- end -->\n"
        "between\n<!-- generated: error busy -->\n<!-- end -->\nafter\n"
    )
    fresh = rewritten(stale)
    assert "STALE" not in fresh
    assert EXPLANATIONS[ErrorKind.BUSY][0] in fresh
    assert re.sub(r"(generated: [^\n]*\n).*?(<!-- end)", r"\1\2", fresh, flags=re.DOTALL) == stale.replace(
        "STALE\n", ""
    )


def test_an_unknown_part_is_an_error():
    with pytest.raises(KeyError):
        rewritten("<!-- generated: nothing -->\n<!-- end -->\n")


@pytest.mark.parametrize("kind", ErrorKind)
def test_every_error_kind_has_its_trouble_shot(kind):
    described = section((FOLDER / "troubleshooting.md").read_text(), f"### {kind}")
    problem, repair = EXPLANATIONS[kind]
    assert f"> {problem}; {repair}\n" in described
    assert "**Means**: " in described
    assert "**Do**: " in described


@pytest.mark.parametrize(
    "error",
    [one.__name__ for one in vars(errors).values() if isinstance(one, type) and one.__base__ is GatewayError],
)
def test_every_error_of_a_crawl_has_its_trouble_shot(error):
    described = section((FOLDER / "troubleshooting.md").read_text(), f"### {error}")
    assert "**Means**: " in described
    assert "**Do**: " in described


def test_every_reason_for_a_short_crawl_is_explained():
    described = section((FOLDER / "troubleshooting.md").read_text(), "### A crawl that was cut short")
    assert set(re.findall(r"^\| `(\w+)` \|", described, re.MULTILINE)) == set(CutShort)


@pytest.mark.parametrize(
    ("heading", "states"),
    [
        ("## Pools", PoolState),
        ("## Hosts", HostState),
        ("## Tickets", TicketState),
        ("## Nodes in a crawl", NodeState),
        ("## Members of groups", MemberState),
        ("## Certificates", CertificateState),
    ],
)
def test_all_states_are_documented_and_no_others(heading, states):
    described = section((FOLDER / "reference/states.md").read_text(), heading)
    assert set(re.findall(r"^\| `(\w+)` \|", described, re.MULTILINE)) == set(states)


@pytest.mark.parametrize("state", TicketState)
def test_the_states_of_runs_are_those_that_prefect_shows(state):
    described = section((FOLDER / "reference/states.md").read_text(), "## Runs in Prefect")
    shown = as_run_state(state, "")
    assert f"| *{shown.name}* | {shown.type.lower()} |" in described


@pytest.mark.parametrize(("page", "target"), [*links()])
def test_every_link_leads_somewhere(page, target):
    path, _, anchor = target.partition("#")
    place = (page.parent / path).resolve() if path else page
    assert place.exists(), f"{page.name} links to {path}, which is not there"
    if anchor:
        assert anchor in anchors(place), f"{place.name} has no heading #{anchor}"


def test_every_page_is_in_the_index():
    index = (FOLDER / "README.md").read_text()
    listed = set(re.findall(r"\]\(([\w/-]+\.md)\)", index))
    assert listed == {str(page.relative_to(FOLDER)) for page in FOLDER.rglob("*.md")} - {"README.md"}


def test_every_picture_is_shown_somewhere():
    shown = set(re.findall(r"images/([\w.-]+)", "\n".join(page.read_text() for page in PAGES)))
    assert shown == {picture.name for picture in (FOLDER / "images").iterdir()}


def test_the_glossary_is_in_order():
    terms = re.findall(
        r"^### (.+)$", (FOLDER / "glossary.md").read_text().partition("\n## ")[0], re.MULTILINE
    )
    assert terms == sorted(terms, key=str.lower)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_pages_name_no_place_of_the_machine_they_were_written_on(page):
    assert re.findall(r"(?<![\w.~/])/(?:work|root|home)/", page.read_text()) == []


def test_paths_that_contributing_names_are_there():
    text = (ROOT / "CONTRIBUTING.md").read_text()
    named = set(re.findall(r"`([\w.-]+(?:/[\w.-]+)*/?)`", text))
    paths = {name for name in named if "/" in name}
    assert paths
    assert {path for path in paths if not (ROOT / path).exists()} == set()


def test_modules_and_names_that_contributing_names_are_there():
    text = (ROOT / "CONTRIBUTING.md").read_text()
    for path, name in re.findall(r"`(\w+)` in `([\w/.-]+\.py)`", text):
        assert re.search(rf"\b{path}\b", (ROOT / name).read_text()), f"{name} has no {path}"


def test_the_targets_of_make_that_pages_name_are_there():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"`make ([a-z]+)`", "\n".join(page.read_text() for page in PAGES)))
    assert named
    assert named <= targets


def test_commands_that_pages_show_exist():
    texts = "\n".join(
        page.read_text() for page in PAGES if page.name not in {"CHANGELOG.md", "CONTRIBUTING.md"}
    )
    known = {tuple(name.split()) for name in COMMANDS}
    groups = {words[0] for words in known if len(words) > 1}
    inner = {words[:2] for words in known if len(words) > 2}
    word = "([a-z][a-z-]+)"
    line = rf"(?:^ *\$ |`|^)p2ppool {word}(?: {word})?(?: {word})?"
    found = {tuple(words) for words in re.findall(line, texts, re.MULTILINE)}
    shown = {words if words[:2] in inner and words[2] else words[:2] for words in found} - inner
    assert len(shown) > len(groups)
    in_groups = {pair for pair in shown if pair[0] in groups and pair[1]}
    assert in_groups | {pair[:1] for pair in shown if pair[0] not in groups} <= known


def test_the_script_rewrites_what_the_test_compares(tmp_path):
    (tmp_path / "page.md").write_text("<!-- generated: turns -->\n<!-- end -->\n")
    done = subprocess.run(
        [sys.executable, "-m", "p2ppool.documentation", str(tmp_path)],
        capture_output=True,
        check=True,
        text=True,
    )
    assert done.stdout == f"{tmp_path / 'page.md'}\n"
    assert list(outdated(tmp_path)) == []
