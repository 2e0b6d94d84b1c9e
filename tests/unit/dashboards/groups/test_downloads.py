"""What members download, and nobody else."""

import io
import re
import zipfile

import pytest
from sqlalchemy import delete

from p2ppool.store.models import GroupKind, Host, Pool
from p2ppool.store.unit_of_work import UnitOfWork
from tests.lab.past.groups import SECURE
from tests.lab.past.history import a_bare_pool
from tests.lab.web.group_pages import alert, done

APPLIANCE = GroupKind.APPLIANCE


CONFIGS = ("node.config", "ipop.config", "dhcp.config", "bootstrap.config")


def unzipped(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def config(browser, path="/groups/lab"):
    answer = browser.get(f"{path}/config.zip")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="config.zip"'
    return unzipped(answer.data)


def secret_in(files):
    return re.search(rb"<Secret>([A-Za-z0-9]{20})</Secret>", files["ipop.config"])[1]


@pytest.fixture
def lab(groups):
    groups.vpn("lab", network=SECURE)
    groups.member("bob")
    return groups


def test_a_members_config_has_their_secret_and_no_page_has_it(lab):
    bob = lab.as_("bob")
    files = config(bob)
    assert set(files) == {*CONFIGS, "cacert", "webcert"}
    assert b"/components/com_groupvpn/mono/GroupVPN.rem</ServerURI>" in files["ipop.config"]
    assert b"<UserName>bob</UserName>" in files["ipop.config"]
    secret = secret_in(files)
    assert secret != secret_in(config(lab.as_("ann")))
    assert secret.decode() not in bob.get("/groups/lab").text
    assert "was renewed" in done(bob.post("/groups/lab/secret"))
    assert secret_in(config(bob)) != secret


def test_an_appliance_has_no_secret_to_renew(lab):
    lab.appliance()
    assert lab.as_("ann").post("/appliances/grid/secret").status_code == 405


def test_who_is_no_member_any_more_gets_none(lab):
    bob = lab.as_("bob")
    lab.as_("ann").post("/groups/lab/members", data={"user": "bob", "step": "revoke", "sure": "yes"})
    assert bob.get("/groups/lab/config.zip").status_code == 403


def test_a_group_whose_pool_is_gone_says_so(groups, engine):
    a_bare_pool(engine)
    ann = groups.as_("ann")
    form = {"name": "lab", "carrier": "pool", "pool": "demo", "ip_namespace": "x", "ip_base": "5.0.0.0"}
    ann.post("/groups/new", data=form | {"netmask": "255.0.0.0"})
    assert b"<BrunetNamespace>" in config(ann)["node.config"]
    with UnitOfWork(engine) as work:
        work.session.execute(delete(Host))
        work.session.execute(delete(Pool))
        work.commit()
    answer = ann.get("/groups/lab/config.zip")
    assert (answer.status_code, "an admin has to choose another" in alert(answer)) == (409, True)
    assert "its pool was deleted" in ann.get("/groups/lab").text


@pytest.mark.parametrize("kind", ["Server", "Worker", "Client"])
def test_a_floppy_disk_as_it_is_and_zipped(lab, kind):
    lab.appliance()
    lab.member("bob", name="grid", kind=APPLIANCE)
    bob, form = lab.as_("bob"), {"type": kind, "password": "it's $(secret)"}
    image = bob.post("/appliances/grid/floppy", data=form | {"as": "img"})
    assert (image.status_code, len(image.data)) == (200, 1_474_560)
    assert image.headers["Cache-Control"] == "private, no-store"
    assert image.headers["Content-Disposition"] == 'attachment; filename="floppy.img"'
    text = (
        f"MACHINE_TYPE={kind}\nCONDOR_GROUP=\"grid\"\nCONDOR_USER=\"bob\"\nGA_PASSWORD='it'\\''s $(secret)'\n"
    )
    assert text.encode() in image.data
    zipped = bob.post("/appliances/grid/floppy", data=form | {"as": "zip"})
    assert zipped.headers["Content-Disposition"] == 'attachment; filename="floppy.zip"'
    assert text.encode() in unzipped(zipped.data)["floppy.img"]


@pytest.mark.parametrize(
    ("form", "why"),
    [
        ({"type": "Mainframe"}, "choose one of Server, Worker, Client"),
        ({"type": "Worker", "password": "a\nb"}, "without line ends"),
        ({"type": "Worker", "password": "x" * 129}, "up to 128"),
    ],
)
def test_what_can_t_be_on_the_disk_is_told(lab, form, why):
    lab.appliance()
    answer = lab.as_("ann").post("/appliances/grid/floppy", data=form)
    assert (answer.status_code, why in alert(answer)) == (400, True)
