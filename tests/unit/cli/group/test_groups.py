"""`p2ppool group` and `p2ppool appliance`."""

import io
import json
import subprocess
import zipfile

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from p2ppool.accounts import users
from p2ppool.groups import enrolment
from p2ppool.groups.certificates.requests import Credentials
from p2ppool.groups.definition import registry
from p2ppool.groups.membership import memberships
from p2ppool.groupvpn import csp_blob
from p2ppool.groupvpn.request import CertificateRequest, write_request
from p2ppool.settings import settings
from p2ppool.store.engine import get_engine
from p2ppool.store.models import GroupKind
from p2ppool.store.unit_of_work import UnitOfWork
from p2ppool.store.vault import Vault
from tests.lab.services.mailbox import mailbox
from tests.lab.web.group_client import ADDRESS
from tests.unit.cli.test_commands import free_port, refusal, run

__all__ = ["free_port", "mailbox", "run"]

TA = "brunet.udp://10.0.0.1:15000"
NETWORK = ("--namespace", "overlay", "--ta", TA, "--ta", "brunet.tcp://10.0.0.2:15000")


@pytest.fixture
def ask(run):
    """What a command prints with --json, which must go well."""

    def ask(*words):
        done = run(*words, "--json")
        assert done.returncode == 0, done
        return json.loads(done.stdout)

    return ask


@pytest.fixture
def lab(run):
    """A group of ann's, in which nobody else is yet, and two more users."""
    for name in ("ann", "bob", "cyd"):
        assert run("user", "create", name, "--link").returncode == 0
    assert run("group", "create", "lab", "--as", "ann", *NETWORK).stdout == "group lab created\n"


def states(ask, group="group", name="lab"):
    return {each["user"]: each["state"] for each in ask(group, "show", name)["members"]}


def test_who_asks_is_let_in_and_put_out(run, ask, lab):
    for user in ("bob", "cyd"):
        assert run("group", "request", "lab", "--as", user).stdout == f"{user} in lab: requested\n"
    assert [row["user"] for row in ask("group", "requests")] == ["bob", "cyd"]
    done = run("group", "accept", "lab", "bob", "cyd")
    assert done.stdout == "bob in lab: member\ncyd in lab: member\n"
    assert ask("group", "requests", "lab") == []
    assert ask("group", "promote", "lab", "bob")[0]["state"] == "admin"
    assert ask("group", "demote", "lab", "ann")[0]["state"] == "member"
    assert ask("group", "revoke", "lab", "cyd")[0]["state"] == "revoked"
    assert states(ask) == {"ann": "member", "bob": "admin", "cyd": "revoked"}
    assert ask("group", "revocations", "lab") == {"group": "lab", "names": ["cyd"], "made_at": None}
    assert ask("group", "revocations", "lab", "--renew")["made_at"]
    (row,) = ask("group", "list")
    assert (row["name"], row["members"], row["asking"]) == ("lab", 2, 0)


def test_who_has_an_address_hears_of_it(run, lab, mailbox, monkeypatch):
    for name, value in mailbox.settings.items():
        monkeypatch.setenv(f"P2PPOOL_{name.upper()}", str(value))
    with UnitOfWork(get_engine()) as work:
        for name in ("ann", "bob"):
            users.get(work.session, name).email = f"{name}@example.org"
        work.commit()
    for user in ("bob", "cyd"):
        run("group", "request", "lab", "--as", user)
    told = mailbox.last_to("ann@example.org")
    assert "cyd asks to join the GroupVPN group lab" in told
    assert told.split()[-1] == "http://127.0.0.1:8050/groups/lab"
    assert run("group", "accept", "lab", "bob", "cyd").stderr == ""
    assert "You are a member now" in mailbox.last_to("bob@example.org")
    refusal(run("group", "accept", "lab", "bob"))
    assert mailbox.number() == 3
    run("group", "edit", "lab", "--approval")
    for words, said in (((), "signed the certificates"), (("--deny",), "denied certificates")):
        run("group", "approve", "lab", a_request(), *words)
        assert said in mailbox.last_to("ann@example.org")


def test_of_several_steps_all_are_taken_or_none(run, ask, lab):
    run("group", "request", "lab", "--as", "bob")
    assert refusal(run("group", "accept", "lab", "bob", "cyd")).endswith("cyd has never asked to join lab")
    assert states(ask)["bob"] == "requested"
    assert run("group", "deny", "lab", "bob").stdout == "bob in lab: denied\n"


def test_the_last_admin_takes_the_group_along_only_when_told_to(run, ask, lab):
    told = refusal(run("group", "leave", "lab", "--as", "ann"))
    assert told.endswith(
        "this deletes GroupVPN lab: nobody else is admin there; to delete them, add --delete-groups"
    )
    done = run("group", "leave", "lab", "--as", "ann", "--delete-groups")
    assert done.stdout == "ann has left lab; deleted: GroupVPN lab\n"
    assert "p2ppool group create" in run("group", "list").stdout


def test_a_group_is_edited_option_by_option(run, ask, lab, tmp_path):
    (tmp_path / "terms").write_text("Be kind.")
    ask("group", "edit", "lab", "--terms", tmp_path / "terms", "--detailed", "--netmask", "255.255.0.0")
    found = ask("group", "show", "lab")
    assert (found["terms"], found["terms_version"], found["detailed"]) == ("Be kind.", 2, True)
    assert (found["netmask"], found["ip_namespace"], found["namespace"]) == ("255.255.0.0", "lab", "overlay")
    assert (found["meeting"][0], found["digest"], found["secure"]) == (TA, "sha256", True)
    assert "--accept-terms" in refusal(run("group", "request", "lab", "--as", "bob"))
    asked = ("group", "request", "lab", "--as", "bob", "--accept-terms")
    assert "Organization is needed" in refusal(run(*asked))
    given = ("--organization", "Lab", "--unit", "One", "--country", "NZ", "--phone", "1")
    assert run(*asked, *given).returncode == 0
    assert ask("group", "requests", "lab")[0]["details"]["country"] == "NZ"
    assert "Be kind." in run("group", "show", "lab").stdout


def test_each_version_of_the_terms_can_be_read(run, ask, lab, tmp_path):
    for text in ("Be kind.", "Be kinder\x1b[31m."):
        (tmp_path / "terms").write_text(text)
        ask("group", "edit", "lab", "--terms", tmp_path / "terms")
    assert ask("group", "show", "lab", "--terms", "2")["text"] == "Be kind."
    assert run("group", "show", "lab", "--terms", "2").stdout == "Be kind.\n"
    assert run("group", "show", "lab", "--terms", "1").stdout == "lab had no terms of service\n"
    assert run("group", "show", "lab", "--terms", "3").stdout == "Be kinder [31m.\n"
    assert "available: 1, 2, 3" in refusal(run("group", "show", "lab", "--terms", "4"))


def test_the_log_tells_what_was_done_also_in_a_group_that_is_gone(run, ask, lab):
    ask("group", "edit", "lab", "--description", "red \x1b[31m", "--netmask", "255.255.0.0")
    ask("appliance", "create", "grid", "--as", "ann", "--group", "lab")
    network = ask("group", "log", "lab")[1]["details"]["changes"]
    assert network == {"netmask": ["255.0.0.0", "255.255.0.0"]}
    text = run("group", "log", "lab").stdout
    assert "red [31m" in " ".join(text.split())
    assert "\x1b" not in text
    ask("group", "delete", "lab")
    run("group", "create", "lab", "--as", "bob", *NETWORK)
    found = ask("group", "log", "lab")
    assert [(row["what"], row["group_is_gone"]) for row in found[:2]] == [("create", False), ("delete", True)]
    assert ask("group", "log", "lab", "--limit", "1") == found[:1]
    assert ask("appliance", "log", "grid")[0]["details"] == {"why": "with lab, which it was on top of"}
    assert "no group is or was named 'grid'" in refusal(run("group", "log", "grid"))


def test_what_users_have_written_gives_the_terminal_no_orders(run, ask, lab):
    ask("group", "edit", "lab", "--description", "red \x1b[31m\u202e\nline")
    for words in (("list",), ("show", "lab")):
        text = run("group", *words).stdout
        assert "red  [31m" in text or "red [31m" in text
        assert not {"\x1b", "\u202e"} & set(text)


def test_overlaps_are_named(run, ask, lab):
    assert ask("group", "create", "My other", "--as", "ann", *NETWORK)["overlaps"] == ["lab"]
    assert ask("group", "show", "My other")["ip_namespace"] == "My_other"
    assert "overlap with lab" in run("group", "edit", "My other", "--approval").stdout


REFUSED = (
    (("create", "lab", "--as", "ann", *NETWORK), "a group named 'lab' exists already"),
    (("create", "x", "--as", "nobody", *NETWORK), "there is no user named 'nobody'"),
    (("create", "x,y", "--as", "ann", *NETWORK), "group: 'x,y'"),
    (("create", "x", "--as", "ann", "--pool", "nowhere"), "no pool is named 'nowhere'"),
    (("create", "x", "--as", "ann"), "namespace"),
    (("edit", "lab", "--ip-base", "5.1.0.0"), "base IP"),
    (("edit", "lab", "--open"), "lab is secured"),
    (("edit", "lab", "--terms", "/nowhere/terms"), "/nowhere/terms: No such file"),
    (("accept", "nowhere", "bob"), "no group is named 'nowhere'"),
    (("config", "lab", "--as", "bob"), "bob has never asked to join lab"),
    (("config", "lab", "--as", "ann", "-o", "/nowhere/x"), "/nowhere/x can't be written"),
    (("approve", "lab", "0"), "no certificate of lab waits under '0'"),
)


def test_what_cannot_be_is_one_line(run, lab):
    for command, problem in REFUSED:
        assert problem in refusal(run("group", *command))
    assert run("group", "edit", "lab", "--digest", "md5").returncode == 2
    assert run("appliance", "floppy", "grid", "--as", "ann", "--kind", "Toaster").returncode == 2


def test_a_config_is_its_user_s_alone(run, ask, lab, tmp_path):
    file = tmp_path / "config.zip"
    file.write_text("older")
    file.chmod(0o644)
    ask("group", "config", "lab", "--as", "ann", "--output", file)
    assert file.stat().st_mode & 0o777 == 0o600
    with zipfile.ZipFile(file) as archive:
        text = archive.read("ipop.config").decode()
    assert "<ServerURI>http://127.0.0.1:8050/components/com_groupvpn/mono/GroupVPN.rem</ServerURI>" in text


def test_a_config_that_leads_nowhere_is_warned_of(run, lab, tmp_path, monkeypatch):
    made = ("group", "config", "lab", "--as", "ann", "--output", tmp_path / "config.zip")
    warned = run(*made).stderr
    assert "http://127.0.0.1:8050" in warned
    assert "set P2PPOOL_PUBLIC_URL" in warned
    monkeypatch.setenv("P2PPOOL_PUBLIC_URL", "https://pools.example.org")
    assert run(*made).stderr == ""


def test_an_address_with_a_port_by_which_revocation_lists_stay_unread_is_warned_of(
    run, lab, tmp_path, monkeypatch
):
    monkeypatch.setenv("P2PPOOL_PUBLIC_URL", "https://pools.example.org:8443")
    warned = run("group", "config", "lab", "--as", "ann", "--output", tmp_path / "config.zip").stderr
    assert "https://pools.example.org:8443, machines never read the list of revoked users" in warned


def test_secure_edges_are_for_members_own_addresses(run, ask, lab, tmp_path):
    own = ("--namespace", "x", "--ta", "brunet.udp://192.0.2.1:15000", "--secure-edges")
    ask("group", "create", "own", "--as", "ann", "--ip-base", "9.0.0.0", *own)
    assert ask("group", "show", "own")["secure_edges"] is True
    run("group", "config", "own", "--as", "ann", "--output", tmp_path / "config.zip")
    with zipfile.ZipFile(tmp_path / "config.zip") as archive:
        assert b"<SecureEdges>true</SecureEdges>" in archive.read("node.config")
        assert archive.read("webcert") == archive.read("cacert")
    unsecured = run("group", "create", "no", "--as", "ann", "--ip-base", "10.0.0.0", "--open", *own)
    assert "secure edges are for secured groups" in refusal(unsecured)


def test_a_member_s_secret_is_renewed_and_not_shown(run, ask, lab, tmp_path):
    def config():
        ask("group", "config", "lab", "--as", "ann", "--output", tmp_path / "config.zip")
        with zipfile.ZipFile(tmp_path / "config.zip") as archive:
            return archive.read("ipop.config").decode()

    before = config()
    shown = run("group", "renew-secret", "lab", "ann").stdout
    assert shown == "the secret of ann in lab was renewed: their machines need a new config.zip\n"
    assert config() != before
    assert ask("group", "renew-secret", "lab", "ann") == {"group": "lab", "user": "ann", "renewed": True}
    run("group", "request", "lab", "--as", "bob")
    assert refusal(run("group", "renew-secret", "lab", "bob")).endswith("bob is not in the group lab")


def test_certificates_wait_for_who_allows_them(run, ask, lab):
    run("group", "edit", "lab", "--approval")
    numbers = [a_request() for _ in range(2)]
    assert {row["state"] for row in ask("group", "certificates", "lab")} == {"waiting"}
    assert ask("group", "approve", "lab", numbers[0])[0]["state"] == "signed"
    assert ask("group", "approve", "lab", numbers[1], "--deny")[0]["state"] == "denied"
    assert enrolment.check(get_engine(), "lab", numbers[0])


def a_request():
    """What a machine of ann's asks for."""
    vault = Vault.open(settings().data_folder, None)
    with UnitOfWork(get_engine()) as work:
        ann, *_ = registry.get(work.session, GroupKind.VPN, "lab").memberships
        who = Credentials("ann", "lab", memberships.secret_of(vault, ann))
    key = csp_blob.write_public(rsa.generate_private_key(65537, 1024).public_key())
    request = CertificateRequest(key=key, node_address=ADDRESS)
    number, _ = enrolment.submit(get_engine(), vault, who, write_request(request))
    return number


def test_a_grid_and_its_floppy(run, ask, lab, tmp_path, monkeypatch):
    assert "no group is named 'x'" in refusal(
        run("appliance", "create", "grid", "--as", "ann", "--group", "x")
    )
    assert run("appliance", "create", "grid", "--as", "ann", "--group", "lab").returncode == 0
    assert "only members of the group lab" in refusal(run("appliance", "request", "grid", "--as", "bob"))
    run("group", "request", "lab", "--as", "bob")
    run("group", "accept", "lab", "bob")
    run("appliance", "request", "grid", "--as", "bob")
    run("appliance", "accept", "grid", "bob")
    assert states(ask, "appliance", "grid") == {"ann": "admin", "bob": "member"}
    assert ask("appliance", "edit", "grid", "--description", "jobs")["name"] == "grid"
    assert ask("appliance", "list")[0]["vpn"] == "lab"
    monkeypatch.setattr("sys.stdin", io.StringIO("it's\n"))
    image = tmp_path / "floppy.img"
    made = ("appliance", "floppy", "grid", "--as", "bob", "--kind", "Worker", "--password", "-o", image)
    assert ask(*made)["size"] == 1_474_560
    config = ["mtype", "-i", image, "::group_appliance.config"]
    lines = subprocess.run(config, capture_output=True, check=True, text=True).stdout.splitlines()
    assert lines[::3] == ["MACHINE_TYPE=Worker", "GA_PASSWORD='it'\\''s'"]
    assert run("appliance", "delete", "grid").stdout == "group grid deleted\n"
