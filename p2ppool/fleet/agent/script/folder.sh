# The install path: determines whose it is, and claims it for the pool.

find_base() { # makes $base absolute; refuses what can't be the pool's own folder
    case $base in
    /*) ;;
    *) base=${HOME:?}/$base ;;
    esac
    while [ "$base" != "${base%/}" ]; do base=${base%/}; done
    case $base/ in
    / | */../*) fail wrong_pool "refused as an install path: $base/" ;;
    esac
    [ ! -L "$base" ] || fail wrong_pool "$base is a symbolic link"
    [ ! "$base" -ef "${HOME:-/}" ] || fail wrong_pool "$base is a home folder"
    [ ! "$base" -ef / ] || fail wrong_pool "$base is the root folder"
    [ ! -d "$base" ] || base=$(cd -P -- "$base" && pwd -P) || fail not_writable "$base can't be entered"
}

require_private() { # or ends the agent: who may write the folder, or replace it, can run code as this user
    place=$base
    while [ ! -e "$place" ]; do
        place=${place%/*}
        place=${place:-/}
    done
    place=$(cd -P -- "$place" 2>/dev/null && pwd -P) || return 0 # the next step says what is wrong with it
    if [ "$place" = "$base" ]; then require_own "$place"; else require_safe "$place"; fi
    until [ "$place" = / ]; do
        place=${place%/*}
        place=${place:-/}
        require_safe "$place"
    done
}

require_own() { # FOLDER
    read_mode "$1"
    case $mode in
    d????w* | d???????w*) fail unsafe_path "others may write $1" ;;
    esac
}

require_safe() { # FOLDER: a parent; where it is sticky, nobody can replace what others have put there
    read_mode "$1"
    case $mode in
    d????????[tT]*) ;;
    d????w* | d???????w*) fail unsafe_path "others may write $1" ;;
    esac
    case $owner_id in
    0 | "$(id -u)") ;;
    *) is_root_known && fail unsafe_path "$1 belongs to another user" ;;
    esac
}

read_mode() { # FOLDER: sets $mode and $owner_id
    # shellcheck disable=SC2046 # fields without blanks
    set -- $(ls -ldn -- "$1" 2>/dev/null | head -n 1)
    mode=${1-} owner_id=${3-}
}

is_root_known() { # not in a container without root, where root's files seem to be nobody's
    { read -r _ _ mapped </proc/self/uid_map; } 2>/dev/null || return 0
    [ "$mapped" -ge 4294967295 ]
}

survey() { # sets $folder to absent, empty, ours or other, and $owner to the pool that it belongs to
    read_mark
    [ "$folder" != ours ] && [ -z "$owner" ] && [ ! -L "$marker" ] || return 0
    [ ! -e "$base" ] || { [ -d "$base" ] && [ -O "$base" ]; } || return 0
    find_marked # what cleans folders may have taken the mark, or another host that has the same home the folder
    if [ -n "$marked" ]; then folder=ours owner=$pool; fi
}

read_mark() {
    folder=other owner='' marker=$base/.p2ppool
    if [ ! -e "$base" ]; then
        folder=absent
    elif [ ! -d "$base" ] || [ ! -O "$base" ]; then
        return 0
    elif [ -L "$marker" ]; then
        return 0
    elif [ -s "$marker" ]; then
        { read -r magic && read -r word owner; } <"$marker"
        if [ "$magic $word" = "$MAGIC pool" ]; then folder=ours; else owner=; fi
    elif is_vacant; then
        folder=empty # or an empty mark: its writer was cut short
    fi
}

is_vacant() { # nothing in it but a mark, fences, and what is left of agents that were killed while they took the lock
    entries=$(ls -A -- "$base" 2>/dev/null) || return 1
    [ -z "$entries" ] || ! printf '%s\n' "$entries" | grep -qvxE "$MARKS"
}

inspect() { # surveys for this pool: another one's tombstone is as good as empty; sets $newest to this pool's fence here
    survey
    if [ "$folder" = ours ] && [ "$owner" != "$pool" ]; then
        if is_vacant; then folder=empty; else folder=other; fi
    fi
    newest=$(readlink "$base/.fence/$pool")
    case $newest in
    '' | *[!0-9]*) newest=0 ;;
    esac
    newest_by=$(readlink "$base/.fence/$pool.by")
}

admit() { # or ends the agent, with nothing touched
    inspect
    [ "$folder" != other ] || refuse
    if [ "$fence" -lt "$newest" ]; then
        refuse_turn "$fence is older than $newest"
    elif [ "$fence" -eq "$newest" ] && is_another_manager; then # both have begun with the same database
        refuse_turn "$fence is taken"
    fi
}

refuse_turn() { # TEXT; with facts, by which a manager sees that it has gone back to an older database
    fact fence "$newest"
    [ -z "$newest_by" ] || fact fenced_by "$newest_by"
    ! is_another_manager || fail fenced "$1, by another manager"
    fail fenced "$1"
}

is_another_manager() { # none is known of releases that did not tell
    [ -n "$manager" ] && [ -n "$newest_by" ] && [ "$manager" != "$newest_by" ]
}

refuse() {
    [ -z "$owner" ] || fail wrong_pool "$base belongs to pool $owner"
    fail wrong_pool "$base holds files that are not p2ppool's, or another user's"
}

hold() { # makes the folder this pool's, keeps other agents out, and from now on those of older turns
    admit
    take_lock
    admit # this look counts: before there was the lock, another agent may have come and gone
    inside=yes
    rm -rf -- "$base"/.part.* "$base"/.unpack.* "$base/.p2ppool.new"
    [ "$folder" = ours ] || mark
    [ -s "$marker" ] || mark # it was taken from a running node's folder
    [ "$fence" -eq "$newest" ] || raise_fence
}

mark() {
    must chmod 700 "$base"
    must put "$base/.p2ppool.new" "$MAGIC
pool $pool"
    must mv -f -- "$base/.p2ppool.new" "$base/.p2ppool"
}

raise_fence() { # other pools' fences stay, so that their late agents are refused even after this pool
    [ -d "$base/.fence" ] || must mkdir -- "$base/.fence"
    [ -z "$manager" ] || put_link "$base/.fence/$pool.by" "$manager"
    put_link "$base/.fence/$pool" "$fence"
}

enter() { # as `hold`, for verbs that are content with nothing: fails where nothing of this pool's is or can come to be
    inspect
    if [ "$folder" = ours ] || may_become_ours; then
        hold
    else
        fact folder "$folder"
        refuse_while_running
        return 1
    fi
}

refuse_while_running() { # nothing of this pool counts as gone while a process of it lives
    find_marked
    [ -z "$marked" ] || fail stop_failed "of this pool: $marked"
}

claim() { # for the host at this address: one folder can't serve two hosts of a pool
    find_address
    [ "$fence" -gt 0 ] && [ -n "$reached_at" ] || return 0
    read_holder
    [ -z "$holder" ] || [ "$holder" = "$reached_at" ] || [ "$held_in" != "$fence" ] || refuse_second
    put_link "$base/node/.holder" "$fence $machine $reached_at"
}

find_machine() { # sets $machine: another one after it was started again
    machine=$(cat /proc/sys/kernel/random/boot_id)-$(readlink /proc/self/ns/pid)
}

find_address() { # sets $machine, and $reached_at to the address and port at which the manager has reached this host
    find_machine
    # shellcheck disable=SC2086 # four words (ssh(1)): client, port, this host, port
    set -- ${SSH_CONNECTION-}
    reached_at=
    [ $# -ne 4 ] || reached_at="${3#::ffff:} port $4"
}

read_holder() { # sets $holder to the host that the folder was last claimed for, $held_on to its machine, $held_in to the turn
    holder=$(readlink "$base/node/.holder")
    held_in=${holder%% *} holder=${holder#* }
    held_on=${holder%% *} holder=${holder#* }
}

refuse_second() {
    [ "$held_on" != "$machine" ] || fail same_machine "$holder"
    fail shared_folder "$holder"
}

may_become_ours() { # only to hold a fence
    [ "$folder" != other ] && [ "$fence" -gt 0 ] && make_folder
}

make_folder() { # fails where no late agent could make it either
    trouble=$(mkdir -p -- "$base" 2>&1) && return
    case $trouble in
    *'o space left'* | *'uota exceeded'*) fail disk_full "$trouble" ;;
    esac
    return 1
}

report_left() { # what somebody else put into the folder
    left=$(ls -A -- "$base" | grep -vxE "$MARKS" | tr '\n' ' ')
    [ -z "$left" ] || fact left "$left"
}

end_with_manager() { # from here on nobody else reads the input
    { cat <&3; kill -KILL "-$$"; } >/dev/null 2>&1 &
}
