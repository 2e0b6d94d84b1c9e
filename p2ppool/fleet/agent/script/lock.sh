# The agent's lock: one agent at a time in a folder; an older one is ended for a newer one.
#
# $base/.lock is a link to its owner, PID:SINCE:FENCE:POOL, created by `ln -s`, which fails if there is one. A dead
# owner can't remove it; and another agent that did so might hit a fresh lock, created in between by a third. So nobody
# does. A dead owner has a successor instead: the agent that manages to create the link `.lock.OWNER`. Should the
# successor die, too, its own successor creates `.lock.SUCCESSOR`, and so on: the lock belongs to the last in the chain
# that begins at `.lock`.
#
# Only the owner of the lock changes the chain: it puts itself at the beginning, by a rename, and removes the other
# links. The start time makes every owner's name unique, so a name that has left the chain never returns to it. So an
# agent that was slow, and created its link at the end of a chain that was removed in between, can detect that: it walks
# along the chain again, and does not find itself.

take_lock() { # or ends the agent; $link is its own link in the chain
    look "$$"
    mine=$$:$since:$fence:$pool waited=0
    until try_lock; do
        [ "$waited" -lt "$PATIENCE" ] || fail busy "process ${owner%%:*}"
        waited=$((waited + 1))
        nap
    done
}

try_lock() {
    [ -d "$base" ] || { must mkdir -p -- "$base" && base=$(cd -P -- "$base" && pwd -P); } || fail not_writable "$base"
    ! find_owner || return 1
    trouble=$(ln -s "$mine" "$end" 2>&1) || case $trouble in
    *'File exists'* | *'No such file'*) return 1 ;; # somebody was faster; or has removed the folder
    *) fail_writing "$trouble" ;;
    esac
    link=$end
    find_owner
    if [ "$owner" != "$mine" ]; then
        rm -f -- "$link"
        link=
        return 1
    fi
    [ "$link" = "$base/.lock" ] || put_link "$base/.lock" "$mine"
    link=$base/.lock
    rm -f -- "$base"/.lock.*
}

find_owner() { # walks along the chain to the first running agent; fails at its end if there is none, and sets $end
    end=$base/.lock
    while owner=$(readlink "$end"); do
        ! is_at_work "$owner" || return 0
        end=$base/.lock.$owner
    done
    return 1
}

is_at_work() { # HOLDER; one of an older turn is not, any more
    rest=$1::: # an earlier release wrote PID:SINCE
    who=${rest%%:*} rest=${rest#*:}
    born=${rest%%:*} rest=${rest#*:}
    turn=${rest%%:*} rest=${rest#*:}
    whose=${rest%%:*}
    is_alive "$who" "$born" || { leaves_group "$who"; return; }
    [ "${whose:-$pool}" = "$pool" ] || return 0 # turns of different pools can't be compared
    [ "$fence" -ge "${turn:-0}" ] || fail fenced "$fence is older than $turn"
    [ "$fence" -gt "${turn:-0}" ] || return 0
    [ "$group" = "$who" ] || return 0 # no agent: that leads a group
    end_group "$who"
    return 1
}

leaves_group() { # PID of a dead owner: whether processes that it started live on; the number may be a stranger's by now
    [ "$waited" -lt "$PATIENCE" ] && ! look "$1" && is_group "$1"
}

end_group() { # PID: the agent with all that it has started; a node is in a group of its own
    kill -KILL "-$1" 2>/dev/null
    tenths=0
    while is_group "$1"; do
        [ "$tenths" -lt "$PATIENCE" ] || fail busy "process $1, which can't be killed"
        tenths=$((tenths + 1))
        nap
    done
}

is_group() { # PID: whether something runs in its group
    for proc in /proc/[0-9]*; do
        ! look "${proc#/proc/}" || [ "$group" != "$1" ] || return 0
    done
    return 1
}
