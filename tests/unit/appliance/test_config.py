"""What a shell reads of it is what was meant, whatever was meant."""

import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2ppool.appliance.config import MachineType, write_appliance_config
from p2ppool.errors import UserError

PASSWORDS = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=40)


def as_a_shell_reads_it(config):
    script = config + b'printf "%s\\n" "$MACHINE_TYPE" "$CONDOR_GROUP" "$CONDOR_USER" "${GA_PASSWORD-none}"\n'
    return subprocess.run(["sh", "-s"], input=script, capture_output=True, check=True).stdout.decode()


@pytest.mark.parametrize("kind", list(MachineType))
def test_its_lines(kind):
    config = write_appliance_config(kind, "My grid", "ann.b@x", "open sesame")
    assert config.decode() == (
        f"MACHINE_TYPE={kind.value}\n"
        'CONDOR_GROUP="My grid"\n'
        'CONDOR_USER="ann.b@x"\n'
        "GA_PASSWORD='open sesame'\n"
    )


def test_without_a_password_there_is_no_line_of_one():
    assert b"GA_PASSWORD" not in write_appliance_config(MachineType.WORKER, "grid", "ann")


@given(PASSWORDS)
def test_a_shell_reads_every_password_as_it_is(password):
    config = write_appliance_config(MachineType.SERVER, "grid", "ann", password)
    assert as_a_shell_reads_it(config) == f"Server\ngrid\nann\n{password}\n"


@pytest.mark.parametrize(
    "name",
    ['"; rm -rf ~; "', "$(id)", "`id`", "a\nb", "a,b", "a=b", "é", "", " a", "a ", "x" * 65, "a\\", "a'"],
)
@pytest.mark.parametrize("place", ["group", "user"])
def test_names_can_t_break_out(name, place):
    names = {"group": "grid", "user": "ann"} | {place: name}
    with pytest.raises(UserError, match=f"^{place}: "):
        write_appliance_config(MachineType.SERVER, names["group"], names["user"])


@pytest.mark.parametrize("password", ["a\nb", "a\rb", "a\0b", "é", "x" * 129])
def test_a_password_that_would_not_stay_on_its_line_is_refused(password):
    with pytest.raises(UserError, match="appliance password"):
        write_appliance_config(MachineType.SERVER, "grid", "ann", password)
