# The agent on the install path: whose it is, and making it ours.

find_base() { # makes $base absolute; refuses what can't be a folder of ours
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

survey() { # sets $folder to absent, empty, ours or other, and $owner to the pool that it belongs to
    folder=other owner='' marker=$base/.p2ppool
    if [ ! -e "$base" ]; then
        folder=absent
    elif [ ! -d "$base" ] || [ ! -O "$base" ]; then
        return 0
    elif [ -L "$marker" ]; then
        return 0
    elif [ -s "$marker" ]; then
        { read -r magic && read -r word owner; } <"$marker"
        [ "$magic $word" != "$MAGIC pool" ] || folder=ours
    else
        case $(ls -A -- "$base") in
        '' | .p2ppool) folder=empty ;; # an empty marker: its writer was cut short
        esac
    fi
}

require_ours() {
    survey
    case $folder in
    ours) [ "$owner" = "$pool" ] || fail wrong_pool "$base belongs to pool $owner" ;;
    *) fail wrong_pool "$base holds files that are not p2ppool's, or another user's" ;;
    esac
}

claim() { # makes the folder this pool's, or ends the agent
    survey
    case $folder in
    absent | empty)
        must mkdir -p -- "$base"
        base=$(cd -P -- "$base" && pwd -P)
        must put "$base/.p2ppool" "$MAGIC
pool $pool"
        ;;
    esac
    hold
}

hold() { # keeps other agents and older actions out
    require_ours
    look "$$"
    mine=$$:$since waited=0
    until trouble=$(ln -s "$mine" "$base/.lock" 2>&1); do
        case $trouble in
        *'File exists'*) ;;
        *) fail_writing "$trouble" ;;
        esac
        holder=$(readlink "$base/.lock")
        is_alive "${holder%:*}" "${holder#*:}" || rm -f -- "$base/.lock"
        waited=$((waited + 1))
        [ "$waited" -le "$PATIENCE" ] || fail busy "process ${holder%:*}"
        nap
    done
    locked=yes
    rm -rf -- "$base"/.part.* "$base"/.unpack.*
    newest=$(cat "$base/.fence" 2>/dev/null)
    [ "$fence" -ge "${newest:-0}" ] || fail fenced "$fence is older than $newest"
    [ "$fence" -eq "${newest:-0}" ] || must put "$base/.fence" "$fence"
}

end_with_manager() { # from here on nobody else reads the input
    { cat <&3; kill -KILL "-$$"; } >/dev/null 2>&1 &
}
