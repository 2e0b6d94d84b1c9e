# What else the agent does.

verb_probe() {
    need_tools uname df awk date
    survey
    place=$base
    while [ ! -d "$place" ]; do
        place=${place%/*}
        place=${place:-/}
    done
    missing=
    for tool in awk date df gzip ln mv readlink sed setsid sha256sum tar touch wc; do
        command -v "$tool" >/dev/null || missing="$missing $tool"
    done
    fact folder "$folder"
    fact kernel "$(uname -sr)"
    fact machine "$(uname -m)"
    fact free_kb "$(df -Pk "$place" | awk 'NR == 2 { print $4 }')"
    fact python3 "$(python3 -V 2>/dev/null | awk '{ print $2 }')"
    fact mono "$(mono --version 2>/dev/null | awk 'NR == 1 { print $5 }')"
    fact missing "${missing# }"
    fact clock "$(date +%s)"
}

verb_start() {
    need_tools date ln readlink setsid touch wc
    runtime=
    hold
    end_with_manager
    [ -f "$base/current/start" ] || fail start_failed "nothing is installed"
    if is_running; then
        fact changed no
    else
        halt
        step start
        launch || fail "$cause" "$words"
        fact changed yes
    fi
    fact pid "$pid"
}

verb_stop() {
    survey
    case $folder in
    absent | empty)
        fact folder "$folder"
        return
        ;;
    esac
    need_tools ln readlink
    hold
    end_with_manager
    find_nodes
    fact stopped "$started"
    step stop
    halt
}

verb_check() {
    need_tools awk readlink
    survey
    fact folder "$folder"
    [ "$folder" = ours ] || return 0
    current=$(readlink "$base/current")
    running=no
    if is_running; then running=yes; fi
    fact pool "$owner"
    fact digest "${current#bundles/}"
    fact running "$running"
    fact processes "$started"
    [ "$running" = no ] || fact uptime "$(awk -v since="$since" -v hz="$(getconf CLK_TCK 2>/dev/null || echo 100)" \
        '{ printf "%d", $1 - since / hz }' /proc/uptime)"
}

verb_remove() { # what the agent made goes; what somebody else put into the folder stays
    verb_stop
    [ "$folder" = ours ] || return 0
    step remove
    must rm -rf -- "$base/bundles" "$base/node" "$base/current" "$base/.current.new"
    rm -f -- "$base/.fence" "$base/.lock" "$base/.p2ppool"
    locked=
    left=$(ls -A -- "$base" | tr '\n' ' ')
    if [ -n "$left" ]; then fact left "$left"; else must rmdir -- "$base"; fi
}
