# The agent's lock: one agent at a time in a folder, and an older one makes way for a newer one.
#
# $base/.lock is a link to its holder, PID:SINCE:FENCE:POOL, made by ln -s, which fails if there is one. A holder that
# is dead can't take it away, and who took it away for him could hit a fresh one that somebody else has put there in
# between. So nobody does. A dead holder has an heir instead: whoever manages to make the link `.lock.HOLDER`. If the
# heir dies too, its own heir makes `.lock.HEIR`, and so on: the lock belongs to the last one in the chain. No name comes
# twice, as an agent takes the lock once and has its start time in its name; so a link that was made at the end of the
# chain stays there. Only the living holder changes the chain: it puts itself to the head, by a rename, and removes the
# rest. One who was slow, and made a link to a chain that is not there any more, sees that when it walks along it again.

take_lock() { # or ends the agent
    look "$$"
    mine=$$:$since:$fence:$pool waited=0
    until try_lock; do
        [ "$waited" -lt "$PATIENCE" ] || fail busy "process ${holder%%:*}"
        waited=$((waited + 1))
        nap
    done
    locked=yes
}

try_lock() {
    [ -d "$base" ] || { must mkdir -p -- "$base" && base=$(cd -P -- "$base" && pwd -P); } || fail not_writable "$base"
    ! find_holder || return 1
    place=$end
    trouble=$(ln -s "$mine" "$place" 2>&1) || case $trouble in
    *'File exists'* | *'No such file'*) return 1 ;; # somebody was faster; or has removed the folder
    *) fail_writing "$trouble" ;;
    esac
    find_holder
    if [ "$holder" != "$mine" ]; then
        rm -f -- "$place"
        return 1
    fi
    [ "$place" = "$base/.lock" ] || put_link "$base/.lock" "$mine"
    rm -f -- "$base"/.lock.*
}

find_holder() { # walks along the chain to the first agent at work; fails at its end if there is none, and sets $end
    end=$base/.lock
    while holder=$(readlink "$end"); do
        ! is_at_work "$holder" || return 0
        end=$base/.lock.$holder
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

leaves_group() { # PID of a holder that is dead: whether what it started is not; but that may be a stranger's by now
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
