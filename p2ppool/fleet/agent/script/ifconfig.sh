# What Brunet learns its host's addresses from.

IFCONFIG=/sbin/ifconfig # Brunet starts just this one, whatever the PATH says, and reads what the old one printed
OWN_IFCONFIG=.p2pifconfig # in the node's folder: what a bundle's adapted files start instead

# WANTED is yes for Brunet as it is, own if the bundle brings a script in the place of ifconfig, and else no.
check_ifconfig() { # WANTED: ends the agent if the node would not learn its addresses
    case $1 in
    own) can_print_addresses || why="; $why" ;;
    yes) why='' ;;
    *) return 0 ;;
    esac
    [ "$1 $why" != 'own ' ] || return 0
    judge_ifconfig
    case $ifconfig in
    absent) fail no_ifconfig "$IFCONFIG is not there$why" ;;
    new) fail unreadable_ifconfig "$IFCONFIG prints '$words'$why" ;;
    esac
}

can_print_addresses() { # whether the script in the place of ifconfig would; else sets $why to why not
    why=''
    if is_noexec; then
        why="a script can't take its place, as nothing can be executed in $base (noexec)"
    elif ! command -v ip >/dev/null && ! [ -x "$IFCONFIG" ] && ! [ -r /proc/net/fib_trie ]; then
        why="a script can't take its place, as nothing here tells the addresses"
    fi
    [ -z "$why" ]
}

judge_ifconfig() { # sets $ifconfig to absent, old or new, and $words to a line of what it prints
    ifconfig=absent words=''
    [ -f "$IFCONFIG" ] && [ -x "$IFCONFIG" ] || return 0
    printed=$("$IFCONFIG" -a </dev/null 2>/dev/null | head -c 20000)
    case $printed in
    *'inet addr:'*) ifconfig=old ;;
    *) ifconfig=new ;;
    esac
    words=$(printf '%s\n' "$printed" | grep inet | head -n 1 | tr -s ' \011')
    words=${words# }
}

place_ifconfig() { # for the bundle in use; nothing where that has no need of it
    rm -f -- "$base/node/$OWN_IFCONFIG"
    [ -f "$base/current/ifconfig" ] || return 0
    if is_noexec; then
        must ln -s "$IFCONFIG" "$base/node/$OWN_IFCONFIG" # the preflight has found that it can be read
    else
        must cp -- "$base/current/ifconfig" "$base/node/$OWN_IFCONFIG"
        must chmod 700 "$base/node/$OWN_IFCONFIG"
    fi
}

is_noexec() { # whether nothing can be executed in the install path, as Brunet would have to do with the script
    find_place
    place=$(cd -P -- "$place" && pwd -P)
    awk -v place="$place/" '
        { folder = $2; gsub(/\\040/, " ", folder); sub(/\/*$/, "/", folder) }
        index(place, folder) == 1 && length(folder) >= longest { longest = length(folder); options = "," $4 "," }
        END { exit options !~ /,noexec,/ }' /proc/mounts
}
