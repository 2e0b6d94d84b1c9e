import os
import subprocess

import pytest

from p2ppool.errors import UserError
from p2ppool.software.runtime.runtime import (
    MAX_NODES_PER_PROCESS,
    RUNTIMES,
    Runtime,
    node_options,
    start_script,
)

TELLS_ITS_ARGUMENTS = """
import os, sys
print(os.path.realpath(sys.argv[0]), *sys.argv[1:], sep="\\n")
print(os.getppid())
"""
STRICT = "--assembly-loader=strict"


@pytest.fixture
def bundle(tmp_path):
    """An unpacked bundle in a folder with spaces, reached through the link `current`."""
    folder = tmp_path / "my $HOME 'pool'" / "bundles" / "1"
    (folder / "package").mkdir(parents=True)
    link = folder.parent.parent / "current"
    link.symlink_to(folder)
    return link


def write(bundle, program, nodes=1, runtime=Runtime.PYTHON3, text=TELLS_ITS_ARGUMENTS):
    path = bundle / "package" / program
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    (bundle / "start").write_text(start_script(runtime, program, nodes))
    (bundle / "start").chmod(0o755)


def run(bundle, *arguments, **options):
    return subprocess.run(
        [bundle / "start", *arguments], capture_output=True, check=False, text=True, timeout=30, **options
    )


def test_every_runtime_is_described():
    assert set(RUNTIMES) == set(Runtime)


@pytest.mark.parametrize(("nodes", "options"), [(1, ()), (2, ("-c", "2")), (100, ("-c", "100"))])
def test_one_node_needs_no_count(nodes, options):
    assert node_options(nodes) == options


@pytest.mark.parametrize("nodes", [0, -1, MAX_NODES_PER_PROCESS + 1])
def test_a_count_out_of_bounds_is_refused(nodes):
    with pytest.raises(UserError, match=f"nodes per process: {nodes} is not a number from 1 to 100"):
        node_options(nodes)


def test_start_runs_the_program_with_the_live_config(bundle, tmp_path):
    write(bundle, "P2PNode.py")
    done = run(bundle, "node.config", cwd=tmp_path)
    assert done.stdout.splitlines()[:-1] == [
        str((bundle / "package/P2PNode.py").resolve()),
        "-n",
        "node.config",
    ]


def test_start_passes_the_number_of_nodes(bundle):
    write(bundle, "P2PNode.py", nodes=3)
    assert run(bundle, "a b.config").stdout.splitlines()[1:-1] == ["-c", "3", "-n", "a b.config"]


@pytest.mark.parametrize("program", ["my folder/P2P Node.py", "it's/$(touch x).py", "-c/`id`;*.py"])
def test_start_takes_any_path_of_a_program_literally(bundle, program, tmp_path):
    write(bundle, program)
    done = run(bundle, "node.config", cwd=tmp_path)
    assert done.stdout.splitlines()[0] == str((bundle / "package" / program).resolve())
    assert [path.name for path in tmp_path.iterdir()] == [bundle.parent.name]


def test_start_becomes_the_node_so_that_signals_reach_it(bundle):
    write(bundle, "P2PNode.py")
    assert run(bundle, "node.config").stdout.splitlines()[-1] == str(os.getpid())


def test_start_keeps_to_the_folder_it_was_started_from(bundle):
    """A node that imports a module late must not get that of a newer bundle."""
    write(bundle, "P2PNode.py")
    assert run(bundle, "node.config").stdout.startswith(str(bundle.resolve()))


def test_start_leaves_no_compiled_files_behind(bundle):
    write(bundle, "P2PNode.py", text="import other")
    (bundle / "package" / "other.py").write_text("")
    assert run(bundle, "node.config").returncode == 0
    assert sorted(path.name for path in (bundle / "package").iterdir()) == ["P2PNode.py", "other.py"]


def test_start_works_with_sh_where_the_folder_may_not_hold_programs(bundle):
    write(bundle, "P2PNode.py")
    done = subprocess.run(
        ["sh", bundle / "start", "c"], capture_output=True, check=False, text=True, timeout=30
    )
    assert done.stdout.splitlines()[1:-1] == ["-n", "c"]


def test_start_without_a_config_says_how_to_use_it(bundle):
    write(bundle, "P2PNode.py")
    done = run(bundle)
    assert done.returncode != 0
    assert "usage: start CONFIG" in done.stderr


def test_start_gives_back_the_nodes_exit_code(bundle):
    write(bundle, "P2PNode.py", text="raise SystemExit(7)")
    assert run(bundle, "node.config").returncode == 7


def test_start_without_the_runtime_on_the_host_is_127_and_names_it(bundle, tmp_path):
    write(bundle, "P2PNode.exe", runtime=Runtime.MONO)
    tools = tmp_path / "bin"
    tools.mkdir()
    (tools / "dirname").symlink_to("/usr/bin/dirname")
    done = run(bundle, "node.config", env={"PATH": str(tools)})
    assert done.returncode == 127
    assert "mono" in done.stderr


def test_mono_is_given_program_and_options(bundle, tmp_path):
    write(bundle, "P2PNode.exe", nodes=2, runtime=Runtime.MONO)
    tools = tmp_path / "bin"
    tools.mkdir()
    (tools / "mono").write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    (tools / "mono").chmod(0o755)
    done = run(bundle, "node.config", env={"PATH": f"{tools}:/usr/bin:/bin"})
    program = str((bundle / "package/P2PNode.exe").resolve())
    assert done.stdout.splitlines() == [STRICT, program, "-c", "2", "-n", "node.config"]


def test_a_runtime_that_came_along_is_taken_from_beside_the_bundles(bundle, tmp_path):
    write(bundle, "P2PNode.exe", runtime=Runtime.MONO)
    (bundle / "start").write_text(start_script(Runtime.MONO, "P2PNode.exe", 2, "0a" * 32))
    program = bundle.parent / "runtimes" / ("0a" * 32) / "bin/mono"
    program.parent.mkdir(parents=True)
    program.write_text('printf "%s\\n" "$$" "$@"\n')  # not executable, as where a disk is noexec
    with subprocess.Popen(["sh", bundle / "start", "c"], stdout=subprocess.PIPE, text=True) as node:
        said = node.stdout.read().splitlines()
    package = str((bundle / "package/P2PNode.exe").resolve())
    assert said == [str(node.pid), STRICT, package, "-c", "2", "-n", "c"]
