# Checks, before anything is changed, that a node would find what it needs on this host.

verb_preflight() { # RUNTIME CARRIED IFCONFIG PORT...: as an install would, and nothing more
    need_tools readlink awk id sed
    require_private
    runtime=$1
    shift
    read_carried "${1-}"
    preflight "$@"
}

# CARRIED is what `read_carried` takes, IFCONFIG what `check_ifconfig` takes, PORT udp:N or tcp:N.
preflight() { # CARRIED IFCONFIG PORT...: ends the agent if a node can't run here
    [ $# -eq 0 ] || shift
    if [ -n "$carried" ]; then
        check_machine
    else
        [ -z "$runtime" ] || command -v "$runtime" >/dev/null || fail missing_runtime "$runtime"
    fi
    wanted=${1:-no}
    [ $# -eq 0 ] || shift
    check_ifconfig "$wanted"
    [ $# -eq 0 ] || find_own_sockets
    for port in "$@"; do
        find_taker "${port%%:*}" "${port#*:}" "$wanted"
        [ -z "$taker" ] || fail port_taken "$taker"
    done
}

find_own_sockets() { # sets $own to the inodes of our node's sockets, each between blanks
    find_nodes
    own=' '
    for process in $nodes; do
        own="$own$(sockets_of "$process" | tr '\n' ' ')"
    done
}

sockets_of() { # PID: inodes
    ls -l "/proc/$1/fd" 2>/dev/null | sed -n 's/.*socket:\[\([0-9]*\)\]$/\1/p'
}

# The reference node binds the address at which its host was reached; Brunet binds all.
find_taker() { # PROTOCOL PORT ALL: sets $taker to who else has that port there, in words; empty: nobody
    taker='' here=''
    # shellcheck disable=SC2086 # four words (ssh(1)): client, port, this host, port
    set -- "$1" "$2" "$3" ${SSH_CONNECTION-}
    [ $# -ne 7 ] || here=${6#::ffff:}
    while read -r inode uid; do
        [ -n "$inode" ] || continue
        case $own in
        *" $inode "*) continue ;;
        esac
        taker="$1 port $2 is had by $(name_socket "$inode" "$uid")"
        return
    done <<END
$(list_sockets "$1" "$2" "$3" "$here")
END
}

list_sockets() { # PROTOCOL PORT ALL ADDRESS: inode and user of each socket in the way; proc(5) has it in hexadecimal
    for table in "/proc/net/$1" "/proc/net/${1}6"; do
        [ ! -r "$table" ] || cat "$table"
    done | awk -v port="$(printf %04X "$2")" -v tcp="$1" -v all="$3" -v address="$4" '
        BEGIN {
            if (split(address, part, ".") == 4) {
                little = sprintf("%02X%02X%02X%02X", part[4], part[3], part[2], part[1])
                big = sprintf("%02X%02X%02X%02X", part[1], part[2], part[3], part[4])
            }
        }
        split($2, local, ":") == 2 && local[2] == port && (tcp != "tcp" || $4 == "0A") {
            bound = substr(local[1], length(local[1]) - 7)
            mapped = length(local[1]) == 8 || local[1] ~ /^0000000000000000(FFFF0000|0000FFFF)/
            if (all != "no" || local[1] ~ /^0+$/ || mapped && (bound == little || bound == big)) print $10, $8
        }'
}

name_socket() { # INODE USER: the process, where this user may see it
    for proc in /proc/[0-9]*; do
        [ -r "$proc/fd" ] || continue
        case " $(sockets_of "${proc#/proc/}" | tr '\n' ' ')" in
        *" $1 "*)
            echo "process ${proc#/proc/} ($(tr -c '\041-\176' ' ' <"$proc/comm" 2>/dev/null))"
            return
            ;;
        esac
    done
    echo "a process of user $2"
}
