"""What is an extra is needed by nobody who does without it."""

import os
import subprocess
import sys

WITHOUT = "import sys; sys.modules.update(dict.fromkeys(('asyncssh', 'geoip2fast', 'ldap3', 'psycopg')));"
DISPATCHER = "deployments.dispatcher.dispatcher, deployments.dispatcher.served_flows"
EVERYTHING = f"import dashboards.app, {DISPATCHER}, deployments.up.services, p2ppool.cli"
LDAP = {
    "P2PPOOL_LDAP_URL": "ldaps://ldap.example.org",
    "P2PPOOL_LDAP_USER_DN": "uid={name},dc=example,dc=org",
}


def run(code, tmp_path, **environment):
    return subprocess.run(
        [sys.executable, "-c", WITHOUT + code],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env={**os.environ, "P2PPOOL_DATA_FOLDER": str(tmp_path), **environment},
    )


def test_pages_dispatcher_and_flows_start_without(tmp_path):
    done = run(EVERYTHING, tmp_path)
    assert done.returncode == 0, done.stderr


def test_who_asks_for_ldap_is_told_in_a_line_what_to_install(tmp_path):
    done = run(
        "from p2ppool.cli import main; sys.argv = ['p2ppool', 'pool', 'list']; main()", tmp_path, **LDAP
    )
    assert done.returncode == 1
    assert "pip install 'p2ppool[ldap]'" in done.stderr
    assert len(done.stderr.splitlines()) == 1
