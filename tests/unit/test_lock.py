"""requirements.txt is what constraints.txt says, each package with its hashes, and names no address."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
PIN = re.compile(r"^([A-Za-z0-9._-]+)==(\S+)( ; .*?)?((?: --hash=sha256:[0-9a-f]{64})+)$")


def plain(name):
    """A package's name as indexes compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def locked():
    text = (ROOT / "requirements.txt").read_text().replace("\\\n", "")
    found = [PIN.match(re.sub(r" +", " ", line)) for line in text.splitlines() if not line.startswith("#")]
    assert all(found)
    return {plain(match[1]): (match[2], bool(match[3])) for match in found}


def constrained():
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pins = (line.split("==") for line in lines if "==" in line)
    return {plain(name): version.split(";")[0].strip() for name, version in pins}


def test_every_package_has_the_version_that_is_tested():
    versions = constrained()
    found = {
        name: version
        for name, (version, is_conditional) in locked().items()
        if name in versions or not is_conditional  # the others are for other systems and versions of Python
    }
    assert found == {name: versions.get(name) for name in found}


def test_nothing_is_missing():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = [
        one for name in ("demo", "geo", "ldap", "postgres") for one in project["optional-dependencies"][name]
    ]
    wanted = {plain(re.split(r"[<>=\[; ]", one)[0]) for one in [*project["dependencies"], *extras]}
    assert wanted - locked().keys() == set()


def test_it_names_no_address():
    assert "://" not in (ROOT / "requirements.txt").read_text()
