# Measures the resources that the host and the node use. A number that this host does not provide is left out.

verb_stats() { # [MORE]: looks only; `yes`: also for what takes a moment, what programs there are
    need_tools awk date df uname
    report_clock # first: the less time has passed since the manager asked, the better it can be compared
    survey
    report_machine
    [ "${1-}" != yes ] || report_programs
    report_load
    report_disk
    [ "$folder" != ours ] || report_node
}

report_lines() { # of "name value", from the input
    while read -r name value; do
        [ -z "$value" ] || fact "$name" "$value"
    done
}

report_clock() {
    clock=$(date +%s.%N)
    case $clock in
    *[!0-9.]* | *.) clock=$(date +%s) ;; # this date knows no parts of a second
    esac
    fact clock "$clock"
}

report_machine() {
    fact kernel "$(uname -sr)"
    fact machine "$(uname -m)"
}

report_programs() { # the versions; empty where there is none
    judge_ifconfig
    fact python3 "$(python3 -V 2>/dev/null | awk '{ print $2 }')"
    fact mono "$(mono --version 2>/dev/null | awk 'NR == 1 { print $5 }')"
    fact ifconfig "$ifconfig"
}

report_load() { # proc(5): the first eight columns of cpu are all time there is, the fourth and fifth of them idle
    awk '/^cpu[0-9]/ { cores++ }
        /^cpu / { for (i = 2; i <= 9; i++) total += $i; busy = total - $5 - $6 }
        END { printf "cores %d\ncpu_busy %.0f\ncpu_total %.0f\n", cores, busy, total }' /proc/stat | report_lines
    awk '/^MemTotal:/ { total = $2 }
        /^MemAvailable:/ { free = $2; told = 1 }
        /^(MemFree|Buffers|Cached):/ { guess += $2 }
        END { if (!told) free = guess; printf "memory_total %.0f\nmemory_free %.0f\n", total * 1024, free * 1024 }' \
        /proc/meminfo | report_lines
    awk '{ print "load", $1 }' /proc/loadavg | report_lines
    read -r uptime rest </proc/uptime
    fact uptime "$uptime"
}

find_place() { # sets $place to the install path, or to what there is on the way to it
    place=$base
    while [ ! -d "$place" ]; do
        place=${place%/*}
        place=${place:-/}
    done
}

report_disk() { # by the column of percents: a device's name may have spaces
    find_place
    df -Pk "$place" 2>/dev/null | awk 'NR == 2 {
        for (i = 5; i <= NF; i++) if ($i ~ /^[0-9]+%$/) {
            printf "disk_total %.0f\ndisk_free %.0f\n", $(i - 3) * 1024, $(i - 1) * 1024
            exit
        }
    }' | report_lines
}

report_node() { # all processes of the node together; its age is that of the oldest one
    find_nodes
    kib=0 ticks=0 oldest=''
    for process in $nodes; do
        look "$process" || continue
        ticks=$((ticks + used))
        kib=$((kib + $(resident "$process")))
        [ -n "$oldest" ] && [ "$oldest" -le "$since" ] || oldest=$since
    done
    [ -n "$oldest" ] || return 0
    hertz=$(getconf CLK_TCK 2>/dev/null || echo 100)
    fact node_rss "$(awk -v kib="$kib" 'BEGIN { printf "%.0f", kib * 1024 }')"
    fact node_ticks "$ticks"
    fact hertz "$hertz"
    fact node_uptime "$(awk -v since="$oldest" -v hz="$hertz" -v up="$uptime" 'BEGIN { printf "%.2f", up - since / hz }')"
}

resident() { # PID: its memory in KiB; 0 if it is gone
    held=0
    while read -r name value rest; do
        [ "$name" != VmRSS: ] || held=$value
    done <"/proc/$1/status"
    echo "$held"
} 2>/dev/null
