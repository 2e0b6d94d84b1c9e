# The agent's lock: one agent at a time in a folder, and an older one makes way for a newer one.
#
# $base/.lock is a link to its holder, PID:SINCE:FENCE:POOL, made by `ln -s`, which fails if there is one. A dead holder
# can't take it away; and whoever did that in its place might hit a fresh one, put there in between by somebody else. So
# nobody does. A dead holder has an heir instead: whoever manages to make the link `.lock.HOLDER`. Should the heir die
# too, its own heir makes `.lock.HEIR`, and so on: the lock belongs to the last one in the chain that begins at `.lock`.
#
# Only who holds the lock changes the chain: it puts itself at the beginning, by a rename, and removes the other links.
# A start time makes every holder's name its own, so what has once left the chain never comes into it again. And so one
# that was slow, and made its link at the end of a chain that was cleared away in between, can see that: it walks along
# the chain again, and does not find itself.

take_lock() { # or ends the agent; $link is its own link in the chain
    look "$$"
    mine=$$:$since:$fence:$pool waited=0
    until try_lock; do
        [ "$waited" -lt "$PATIENCE" ] || fail busy "process ${holder%%:*}"
        waited=$((waited + 1))
        nap
    done
}

try_lock() {
    [ -d "$base" ] || { must mkdir -p -- "$base" && base=$(cd -P -- "$base" && pwd -P); } || fail not_writable "$base"
    ! find_holder || return 1
    trouble=$(ln -s "$mine" "$end" 2>&1) || case $trouble in
    *'File exists'* | *'No such file'*) return 1 ;; # somebody was faster; or has removed the folder
    *) fail_writing "$trouble" ;;
    esac
    link=$end
    find_holder
    if [ "$holder" != "$mine" ]; then
        rm -f -- "$link"
        link=
        return 1
    fi
    [ "$link" = "$base/.lock" ] || put_link "$base/.lock" "$mine"
    link=$base/.lock
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
