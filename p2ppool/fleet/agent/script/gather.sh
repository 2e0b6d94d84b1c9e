# Sends files that a node has written in $base/node, as lines; changes nothing.
#
# `@p2ppool file SIZE LENGTH NAME`, then the last LENGTH of its SIZE bytes, gzipped and in base64, then `@p2ppool end`.
# No line of base64 begins with an @. A file may grow, shrink or vanish meanwhile: what is sent may be shorter than
# LENGTH, never longer. `@p2ppool left SIZE NAME` reports a file that is not sent because it exceeds a limit.

TOLD=100 # files left out that are named; the rest is only counted

verb_gather() { # HOW FILE_LIMIT TOTAL_LIMIT COUNT PATTERN...: HOW is `end`, to cut what is over a limit, or `whole`
    need_tools base64 gzip readlink wc
    how=$1 file_limit=$2 room=$3 places=$4
    shift 4
    inspect
    [ "$folder" != other ] || refuse
    [ ! -L "$base/node" ] && [ -d "$base/node" ] || [ "$folder" = absent ] || folder=empty
    fact folder "$folder"
    [ "$folder" = ours ] || return 0
    end_with_manager
    unsent=0
    choose "$@"
    for name in $chosen; do
        offer "$name"
    done
    fact unsent "$unsent"
    fact odd "$odd"
    fact special "$special"
}

choose() { # PATTERN...: sets $chosen to the names to send; the last comes first, which of logs is the newest
    chosen='' odd=0 special=0
    for path in "$base/node"/*; do
        name=${path##*/}
        matches "$name" "$@" || continue
        if [ -L "$path" ] || [ ! -f "$path" ]; then
            special=$((special + 1))
        elif is_plain "$name"; then
            chosen="$name $chosen"
        else
            odd=$((odd + 1))
        fi
    done
}

matches() { # NAME PATTERN...
    called=$1
    shift
    for pattern in "$@"; do
        # shellcheck disable=SC2254 # it is a pattern
        case $called in
        $pattern) return 0 ;;
        esac
    done
    return 1
}

is_plain() { # NAME: one that means the same to every system, and to this script
    case $1 in
    [!A-Za-z0-9_]* | *[!A-Za-z0-9._+@-]*) return 1 ;;
    esac
    [ "${#1}" -le 100 ]
}

offer() { # NAME: sends what the limits allow of it
    { size=$(wc -c <"$base/node/$1"); } 2>/dev/null || return 0
    size=$((size)) length=$((size))
    [ "$length" -le "$file_limit" ] || length=$file_limit
    [ "$length" -le "$room" ] || length=$room
    if [ "$places" -eq 0 ] || { [ "$length" -lt "$size" ] && { [ "$how" = whole ] || [ "$length" -eq 0 ]; }; }; then
        leave_out "$1"
        return
    fi
    room=$((room - length)) places=$((places - 1))
    say file "$size $length $1"
    pack "$1" 2>/dev/null
    say end
}

pack() { # NAME
    { tail -c "+$((size - length + 1))" | head -c "$length"; } <"$base/node/$1" | gzip -c | base64
}

leave_out() { # NAME
    unsent=$((unsent + 1))
    [ "$unsent" -gt "$TOLD" ] || say left "$size $1"
}
