"""One agent at a time in a folder, however many come and however they end."""

import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import pytest

from p2ppool.fleet.agent import verbs
from p2ppool.fleet.host.outcome import ErrorKind, HostFault
from tests.unit.fleet.agent.agents import agent_process, changed, paused, wait_for_line
from tests.unit.fleet.bundles import POOL, folder_request, install_request
from tests.unit.fleet.processes import runs

pytestmark = pytest.mark.slow

DIE = 'kill -KILL "-$$"'


@contextmanager
def stranger(**how):
    """A process that is no agent, and the time it was started at."""
    with subprocess.Popen(["sleep", "1000"], **how) as process:
        stat = Path(f"/proc/{process.pid}/stat").read_text()
        try:
            yield process, re.sub(r".*\) ", "", stat).split()[19]
        finally:
            process.kill()


def kind_of(verb, host, request):
    with pytest.raises(HostFault) as raised:
        verb(host, request)
    return raised.value.kind


@pytest.mark.parametrize("text", ["{pid}:{since}", "{pid}:{since}:9:pool-1", "{pid}:{since}:8:pool-1"])
def test_an_agent_waits_for_an_owner_and_gives_up_in_the_end(host, base, text):
    """One of an older turn too, where it leads no group and so is no agent."""
    verbs.install(host, install_request(base, fence=9))
    with stranger() as (process, since):
        (base / ".lock").symlink_to(text.format(pid=process.pid, since=since))
        assert kind_of(verbs.stop, host, folder_request(base, fence=9)) is ErrorKind.BUSY
        assert process.poll() is None
    assert verbs.stop(host, folder_request(base, fence=9))["stopped"] == "1"


def test_a_process_that_got_a_dead_owner_s_number_is_neither_waited_for_nor_ended(host, base):
    verbs.install(host, install_request(base, fence=9))
    with stranger(start_new_session=True) as (process, _):
        (base / ".lock").symlink_to(f"{process.pid}:1:8:{POOL}")
        assert verbs.stop(host, folder_request(base, fence=9))["stopped"] == "1"
        assert process.poll() is None


def test_what_is_left_of_a_dead_owner_s_group_is_waited_for(host, base):
    """The number may be a stranger's by now: so the group is not ended, nor waited for too long."""
    verbs.install(host, install_request(base, fence=9))
    command = ["sh", "-c", "sleep 0.7 >&2 & echo $$ $!"]
    said = subprocess.run(command, start_new_session=True, stdout=subprocess.PIPE, check=True).stdout
    leader, child = map(int, said.split())
    (base / ".lock").symlink_to(f"{leader}:1:8:{POOL}")
    assert runs(child)
    assert verbs.stop(host, folder_request(base, fence=9))["stopped"] == "1"
    assert not runs(child)


def test_the_heirs_of_dead_holders_are_dead_too_and_the_next_one_clears_up(host, base):
    verbs.install(host, install_request(base))
    chain = [f"99999999{number}:1:0:{POOL}" for number in range(4)]
    (base / ".lock").symlink_to(chain[0])
    for dead, heir in pairwise(chain):
        (base / f".lock.{dead}").symlink_to(heir)
    (base / f".lock.999999994:1:0:{POOL}").symlink_to(chain[0])
    assert verbs.stop(host, folder_request(base))["stopped"] == "1"
    assert list(base.glob(".lock*")) == []


def test_who_was_slow_to_take_a_dead_owner_s_lock_is_not_inside(quick, base):
    """Meanwhile others have taken it, cleared up, and are inside again."""
    base.mkdir()
    (base / ".p2ppool").write_text(f"p2ppool folder 1\npool {POOL}\n")
    (base / ".lock").symlink_to(f"999999999:1:0:{POOL}")
    call = verbs.invocation("stop", folder_request(base), 600)
    waits = 'say slow; until [ -e "$base.go" ]; do sleep 0.02; done'
    with agent_process(changed(call, (BEFORE_LINK, f"{waits}\n{BEFORE_LINK}"))) as slow:
        wait_for_line(slow, b"@p2ppool slow")
        assert b"@p2ppool done" in words_of(call)
        with agent_process(paused(call, "    find_nodes\n    fact stopped")) as inside:
            wait_for_line(inside, b"@p2ppool paused")
            base.with_name("p2p.go").touch()
            assert b"@p2ppool error busy" in slow.stdout.read()
            assert inside.poll() is None


def words_of(call):
    with agent_process(call) as process:
        return process.stdout.read()


BEFORE_LINK = '    trouble=$(ln -s "$mine" "$end" 2>&1)'
BEFORE_SECOND_WALK = "    find_owner\n    if ["
BEFORE_RENAME = '    [ "$link" = "$base/.lock" ] ||'
BEFORE_CLEARING = '    rm -f -- "$base"/.lock.*\n'
BEFORE_WORK = "    admit # this look counts"


def crowd_call(request, verb):
    """An agent that is slow at the worst places, tells if it is not alone inside, and may die anywhere."""
    alone = 'mkdir "$base.inside" || say together; sleep 0.02; rmdir "$base.inside"'
    return changed(
        verbs.invocation(verb, request, 600),
        (BEFORE_LINK, f"{every(3, 'sleep 0.05')}\n{BEFORE_LINK}"),
        (BEFORE_SECOND_WALK, f"{every(5, 'sleep 0.05')}\n{BEFORE_SECOND_WALK}"),
        (BEFORE_RENAME, f"{every(7, DIE)}\n{BEFORE_RENAME}"),
        (BEFORE_CLEARING, f"{every(7, DIE, which=1)}\n{BEFORE_CLEARING}"),
        (BEFORE_WORK, f"{alone}\n{every(7, DIE, which=2)}\n{BEFORE_WORK}"),
        ("PATIENCE=20 ", "PATIENCE=600 "),
    )


def every(number, command, which=0):
    """The command for one agent of so many."""
    return f"[ $(($$ % {number})) -ne {which} ] || {command}"


def crowd_in(base, verb, *, rounds, size=12):
    """What agents say that come all at once, round after round; each round finds what the last one left."""
    call = crowd_call(folder_request(base), verb)
    for _ in range(rounds):
        base.mkdir(exist_ok=True)
        (base / ".p2ppool").write_text(f"p2ppool folder 1\npool {POOL}\n")
        with ThreadPoolExecutor(size) as crowd:
            yield from crowd.map(words_of, [call] * size)


def assert_one_at_a_time(said):
    assert [words for words in said if b"together" in words or b"error" in words] == []
    assert 0 < sum(b"@p2ppool done" in words for words in said) < len(said)


def test_of_many_agents_never_two_are_inside_though_they_die_all_the_time(shell, quick, base):
    assert_one_at_a_time([*crowd_in(base, "stop", rounds=2)])


def test_even_when_the_folder_comes_and_goes_never_two_are_inside(quick, base):
    assert_one_at_a_time([*crowd_in(base, "forget", rounds=2)])
