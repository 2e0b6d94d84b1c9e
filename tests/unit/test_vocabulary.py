"""One vocabulary: the words that the glossary rules out stand in no name, help text or page of the docs."""

import ast
import re
import subprocess
import tokenize
from pathlib import Path

import pytest
import typer

from p2ppool.cli import app

ROOT = Path(__file__).parents[2]
GLOSSARY = ROOT / "docs/glossary.md"
TOPS = ("benchmarks", "dashboards", "deployments", "flows", "p2ppool", "tasks", "tests")
OLDER = ("p2ppool/store/migrations/versions", "p2ppool/node")
"""What must stay as it was: migrations that have run, and a node that speaks as Brunet does."""


def ruled_out(heading):
    """The first column of the table under a heading of the glossary."""
    section = GLOSSARY.read_text().partition(f"\n### {heading}\n")[2].partition("\n#")[0]
    rows = [line.split("|")[1] for line in section.splitlines() if line.startswith("|")][2:]
    return [word.strip(" `") for row in rows for word in re.sub(r"\(.*?\)", "", row).split(",")]


NOWHERE = ruled_out("Nowhere")
NOT_AS_NAMES = ruled_out("Not as names in code")


def sources():
    for top in TOPS:
        for path in (ROOT / top).rglob("*.py"):
            name = str(path.relative_to(ROOT))
            if not name.startswith(OLDER) and path != Path(__file__):
                yield name, path


def names_in(path):
    """Every identifier of a file, and its own name."""
    yield path.stem
    with path.open("rb") as file:
        for token in tokenize.tokenize(file.readline):
            if token.type == tokenize.NAME:
                yield token.string


def words_in(name):
    """`the_HostJob` → the, host, job."""
    return [word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)]


def test_the_glossary_rules_words_out():
    assert {"desk", "brake", "unheard"} <= set(NOWHERE)
    assert {"told", "here"} <= set(NOT_AS_NAMES)


def test_no_name_has_a_word_that_is_ruled_out():
    out = {word for word in NOWHERE if " " not in word}
    found = {
        (name, identifier)
        for name, path in sources()
        for identifier in names_in(path)
        if out & set(words_in(identifier))
    }
    assert sorted(found) == []


def test_no_public_name_has_an_ordinary_word_for_a_thing_with_a_name():
    """A function, class, attribute or module; a variable inside a function may be called what it likes."""
    found = set()
    for name, path in sources():
        if name.startswith("tests/"):
            continue
        tree = ast.parse(path.read_text())
        defined = [node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef)]
        found |= {(name, each) for each in [path.stem, *defined] if set(NOT_AS_NAMES) & set(words_in(each))}
    assert sorted(found) == []


def commands(group, words=()):
    for name, command in group.commands.items():
        yield " ".join((*words, name)), command
        if hasattr(command, "commands"):
            yield from commands(command, (*words, name))


@pytest.mark.parametrize(("name", "command"), list(commands(typer.main.get_command(app))))
def test_no_help_has_a_word_that_is_ruled_out(name, command):
    texts = [command.help or "", *(getattr(option, "help", None) or "" for option in command.params)]
    assert [text for text in texts if stands_in(NOWHERE, text)] == []


PAGES = [*sorted((ROOT / "docs").rglob("*.md")), ROOT / "README.md", ROOT / "CONTRIBUTING.md"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_no_page_has_a_word_that_is_ruled_out(page):
    text = page.read_text()
    if page == GLOSSARY:
        text = text.partition("\n## Words we do not use\n")[0]
    lines = text.splitlines()
    assert [(number, line) for number, line in enumerate(lines, 1) if stands_in(NOWHERE, line)] == []


KEPT = {
    ("CHANGELOG.md", "mended"): "names the old word",
    ("dashboards/assets/sign_in.css", "stretch"): "a value of CSS",
    ("p2ppool/cli/pool/status.py", "unheard"): "a key of JSON that programs read",
    ("p2ppool/cli/run/host_results.py", "mended"): "a word of facts in older databases",
    ("p2ppool/pools/rollout/verification.py", "obstacle"): "a fact's name in the database",
    ("p2ppool/records/repairs.py", "mended"): "a word of facts in older databases",
    ("p2ppool/store/models/tickets.py", "beat"): "a column's name",
    ("tests/e2e/test_pool.py", "unheard"): "that key",
    ("tests/unit/cli/pool/test_status.py", "unheard"): "that key",
    ("tests/unit/reports/actions/test_action.py", "mended"): "that word",
    ("tests/unit/reports/actions/test_annotations.py", "mended"): "that word",
}
"""Where a word that is ruled out stands all the same, and why."""


def test_no_file_has_a_word_that_is_ruled_out():
    """Comments, texts, styles and scripts, too: everything that Git knows."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True)
    found = set()
    for name in listed.stdout.split("\0"):
        if not name or name.startswith((*OLDER, "tests/data/")) or ROOT / name in {GLOSSARY, Path(__file__)}:
            continue
        text = (ROOT / name).read_text(errors="replace") if (ROOT / name).is_file() else ""
        found |= {(name, word) for word in NOWHERE if stands_in([word], text)}
    assert sorted(found) == sorted(KEPT)


def stands_in(words, text):
    """Whether one of the words stands in the text, by itself and in whatever case."""
    return any(re.search(rf"\b{re.escape(word)}\b", text, re.IGNORECASE) for word in words)
