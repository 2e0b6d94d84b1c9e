# Processes: finds, stops and starts the node of this folder.

look() { # PID: sets $group, $session, $since (start in ticks from boot, proc(5)) and $used (ticks of CPU); fails if it
    # is gone or a zombie
    { read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 1
    # shellcheck disable=SC2086 # the fields after the name are numbers and one letter
    set -- ${stat##*) }
    group=$3 session=$4 since=${20} used=$((${12} + ${13}))
    [ "$1" != Z ] && [ "$1" != X ]
}

is_alive() { # PID SINCE: this very process, not another one that got its number
    case $1 in
    '' | *[!0-9]*) return 1 ;;
    esac
    look "$1" && [ "$since" = "$2" ]
}

find_marked() { # sets $marked to the processes that this pool's agents have started for this path, wherever they are now
    real_base
    marked=$(grep -lF "P2PPOOL_MARK=$pool:$real:" /proc/[0-9]*/environ 2>/dev/null | tr '\n' ' ')
}

real_base() { # sets $real to the install path as it was when the folder was there
    real=$base missing=''
    until [ -d "$real" ] || [ -z "$real" ]; do
        missing=/${real##*/}$missing real=${real%/*}
    done
    real=$(cd -P -- "${real:-/}" 2>/dev/null && pwd -P)
    real=${real%/}$missing
}

find_nodes() { # sets $nodes to all processes of this folder's node, $started to how many nodes were started
    nodes='' started=0
    find_marked
    find_session
    for proc in /proc/[0-9]*; do
        is_marked "$proc" || was_started "$proc" || is_confined "$proc" || continue
        look "${proc#/proc/}" || continue
        nodes="$nodes ${proc#/proc/}"
        [ "$session" != "${proc#/proc/}" ] || started=$((started + 1))
    done
}

is_marked() { # PROC
    case " $marked" in
    *" $1/environ "*) return 0 ;;
    esac
    return 1
}

find_session() { # sets $kept to the session of the confined node that was started here last
    kept='' where=''
    { read -r kept where <"$base/.session"; } 2>/dev/null
    find_machine
    [ "$where" = "$machine" ] || kept=''
}

is_confined() { # PROC: in that session, whatever it has done to its variables and its folder; the number may be another's
    # session by now, of programs that nobody has confined
    [ -n "$kept" ] && look "${1#/proc/}" && [ "$session" = "$kept" ] && grep -q '^Seccomp:.2$' "$1/status" 2>/dev/null
}

was_started() { # PROC: in this folder by an agent: so it has the variable, as someone's shell there has not
    for try in 1 2 3; do
        [ "$1/cwd" -ef "$base/node" ] || return 1
        case $(tr '\000' '\n' 2>/dev/null <"$1/environ") in
        *P2PPOOL_HOST_ADDRESS=*) return 0 ;;
        ?*) return 1 ;;
        esac
        nap # in the middle of exec(2) it shows no variables at all
    done
    return 1
}

is_running() { # exactly one node, and the one that was started last; sets $pid and $since
    find_nodes
    [ "$started" -eq 1 ] || return 1
    { read -r pid born <"$base/node/node.pid"; } 2>/dev/null || return 1
    is_alive "$pid" "$born"
}

is_staying() { # runs, and was not asked to leave by an agent that was killed before it saw the end
    is_running && [ ! -L "$base/node/.leaving" ]
}

are_gone() { # TENTHS: waits for all $nodes to end
    tenths=$1
    for process in $nodes; do
        while look "$process"; do
            [ "$tenths" -gt 0 ] || return 1
            tenths=$((tenths - 1))
            nap
        done
    done
}

halt() { # the polite way first: a node that gets SIGINT takes leave of its neighbours
    find_nodes
    for signal in INT KILL KILL KILL; do # again for a child that was born between the look and the kill
        [ -n "$nodes" ] || break
        [ ! -d "$base/node" ] || [ -L "$base/node/.leaving" ] || must ln -s "$mine" "$base/node/.leaving"
        # shellcheck disable=SC2086 # a list of numbers
        kill "-$signal" $nodes 2>/dev/null
        are_gone "$PATIENCE"
        find_nodes
    done
    [ -z "$nodes" ] || fail stop_failed "process$nodes"
    rm -f -- "$base/node/node.pid" "$base/node/.leaving" "$base/.session"
}

launch() { # starts the current bundle's node; sets $trouble and fails if it doesn't stay up
    log=$base/node/node.log.$(date +%Y-%m-%d) address=''
    # shellcheck disable=SC2086 # four words (ssh(1)): client, port, this host, port
    set -- ${SSH_CONNECTION-}
    [ $# -ne 4 ] || address=${3#::ffff:}
    must touch "$log"
    skip=$(wc -c <"$log")
    rm -f -- "$base/node/node.pid"
    place_ifconfig
    find_machine
    # The first setsid makes this child a leader, so the second one has to fork: the node becomes the leader of a
    # session of its own without the shell's `&`, which would make it ignore SIGINT.
    (
        MONO_DISABLE_SHARED_AREA=1 # else mono has a file in /dev/shm, which stays when it is killed
        MONO_DEBUG=no-gdb-backtrace # else one in /tmp, which stays whenever it aborts, as at half of Brunet's stops
        export MONO_DISABLE_SHARED_AREA MONO_DEBUG
        LC_ALL=$login_locale P2PPOOL_HOST_ADDRESS=$address
        export P2PPOOL_HOST_ADDRESS
        [ -n "$LC_ALL" ] || unset LC_ALL
        P2PPOOL_MARK=$pool:$base: # finds it again whatever becomes of the folder
        export P2PPOOL_MARK
        cd "$base/node" && exec setsid setsid sh -c "$BORN" "$base" "$mine" "$machine"
    ) </dev/null >>"$log" 2>&1 3<&-
    settle || { find_cause; return 1; }
    must put "$base/node/node.pid" "$pid $since"
}

settle() { # sets $pid and $since of a node that stays up
    pid='' tenths=0
    while [ -z "$pid" ]; do
        [ "$tenths" -lt "$PATIENCE" ] || return 1
        tenths=$((tenths + 1))
        nap
        pid=$(cat "$base/node/node.pid" 2>/dev/null)
    done
    tenths=0
    while look "$pid"; do
        [ "$tenths" -lt "$SETTLE" ] || return 0
        tenths=$((tenths + 1))
        nap
    done
    return 1
}

find_words() { # of mono's exception the first line, which names it: the last ones are of its stack
    printf '%s\n' "$said" | awk '
        /^ *Unhandled Exception:/ { is_next = 1; next }
        !/[^ ]/ || /^WARNING: The runtime version supported by this application is unavailable/ ||
            /^Using default runtime: / { next }
        is_next { thrown = $0; is_next = 0 }
        { last = $0 }
        END { print thrown ? thrown : last }'
}

find_cause() { # why the node ended: sets $cause and $words from what it said
    said=$(tail -c "+$((skip + 1))" "$log" | tail -c 4000 | tr -c '\012\040-\176' ' ')
    cause=start_failed
    words=$(find_words)
    case $said in
    *MonoTlsProvider*) cause=other_mono_security ;;
    *'Could not resolve host '*) cause=own_name_unresolved ;;
    *'Missing Servers signed cert'*) cause=missing_web_certificate ;;
    *'ddress already in use'* | *'ddress in use'*)
        cause=port_taken
        words=$(printf '%s\n' "$said" | grep 'ddress.* in use' | tail -n 1)
        ;;
    *"$runtime: not found"* | *"$runtime: command not found"*) [ -z "$runtime" ] || cause=missing_runtime ;;
    *'o space left on device'*) cause=disk_full ;;
    *'Invalid NodeConfig'*) cause=config_refused ;;
    esac
    words=${words:-it ended without a word}
}
