# The program that p2ppool runs on a host: POSIX sh, piped into `sh -s`, so that nothing has to be installed first.
#
# It consists of functions; the manager appends the one line that calls `agent`, in braces, so a truncated script does
# nothing. The manager then keeps the input open: its end means that nobody waits any more, and ends this shell and its
# children. Answers are lines `@p2ppool WORD REST`; all other output is noise.
#
# $base/.p2ppool           marks the folder as this pool's; nothing is ever touched in a folder without it
# $base/.fence/POOL        link to the highest fence that the pool has had here, so that agents of an older turn do no
#                          harm; marker and fence outlive `remove` as a tombstone, which any other pool may replace
# $base/node/.holder           link to the host that it was last claimed for: FENCE MACHINE ADDRESS
# $base/.fence/POOL.by     link to the id of the manager that set it
# $base/.lock              link to the running agent: PID:SINCE:FENCE:POOL; see lock.sh for .lock.*
# $base/.part.PID*         uploads
# $base/.unpack.*          being moved to or from $base/bundles or $base/runtimes: everything in here is incomplete
# $base/bundles/DIGEST/    unpacked bundles; complete as soon as they have that name
# $base/runtimes/DIGEST/   likewise runtimes that the pool brings along
# $base/current            link to the bundle in use
# $base/node/              the node's folder: node.config, node.pid (pid and start time), node.log.YYYY-MM-DD;
#                          .leaving exists while the node is being stopped; .p2pifconfig: see ifconfig.sh
# $base/.session           of a confined node, which can't change it: its session, which its processes can't leave, and
#                          the machine
#
# An agent may be killed at any moment, because its manager hangs up or by a newer agent. So everything that counts is
# created aside and gets its name by a rename, and is renamed before it is deleted.

MAGIC='p2ppool folder 1'
MARKS='\.p2ppool(\.new)?|\.fence|\.lock(\.[0-9]+:.*)?' # what a folder may contain and still be free for any pool
# The command that becomes the node: a pid is only certain from within; with sh, as /tmp may be noexec. It has left the
# agent's process group, so if its agent is killed just then, it has to detect by itself that it is no longer wanted.
# On its own machine the manager gives a launcher, words of a shell, which confines the node.
BORN='[ "$(readlink "$0/.lock")" = "$1" ] && echo "$$" >node.pid &&
    { [ -z "${P2PPOOL_LAUNCHER-}" ] || echo "$$ $2" >"$0/.session"; } &&
    eval "exec ${P2PPOOL_LAUNCHER-} sh \"\$0/current/start\" node.config"'
SETTLE=15 # tenths of a second that a new node has to stay up
PATIENCE=100 # tenths of a second that a node has to leave its overlay, and another agent to finish

agent() { # VERB BASE POOL FENCE MANAGER DEADLINE ARGUMENT...
    printf '\n' # ends a line that a login script may have left unfinished
    verb=$1 base=$2 pool=$3 fence=$4 manager=$5 deadline=$6
    shift 6
    login_locale=${LC_ALL-} LC_ALL=C PATH=$PATH:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin
    export LC_ALL PATH
    umask 077
    exec 3<&0
    link='' inside='' doomed=''
    trap leave EXIT
    trap 'exit 1' PIPE # nobody reads any more: what was started must be ended all the same
    { sleep "$deadline"; kill -KILL "-$$"; } </dev/null >/dev/null 2>&1 3<&- &
    need_tools cat grep head ls mkdir mv rm sleep tail tr
    find_base
    "verb_$verb" "$@"
    leave
    say 'done'
}

say() { printf '@p2ppool %s\n' "$*"; }
fact() { say fact "$@"; }
step() { say step "$1"; }

fail() { # KIND TEXT; a second failure during the clean-up does not hide the first
    leave
    say error "${doomed:-$*}"
    exit 1
}

leave() { # whatever happened: no half-done file, no process of the agent's own; the manager hangs up after that
    [ -z "$inside" ] || rm -rf -- "$base"/.part.* "$base"/.unpack.*
    [ -z "$link" ] || rm -f -- "$link"
    inside='' link=''
    trap '' TERM
    kill -TERM "-$$"
} >/dev/null 2>&1

must() { # COMMAND...: ends the agent if it fails, with what the system said
    trouble=$("$@" 2>&1) || fail_writing "$trouble"
}

fail_writing() {
    case $1 in
    *'o space left'* | *'uota exceeded'*) fail disk_full "$1" ;;
    *) fail not_writable "$1" ;;
    esac
}

put() { printf '%s\n' "$2" | cat >"$1"; } # cat, unlike a shell's printf, says why it can't write

put_link() { # LINK TEXT: by a rename, so there is no moment without one; only for who has the lock
    rm -f -- "$base/.p2ppool.new"
    must ln -s "$2" "$base/.p2ppool.new"
    must mv -fT -- "$base/.p2ppool.new" "$1"
}

nap() { sleep 0.1 2>/dev/null || sleep 1; }

need_tools() {
    for tool in "$@"; do
        command -v "$tool" >/dev/null || fail missing_tool "$tool"
    done
}
