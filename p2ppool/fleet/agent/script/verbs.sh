# The agent's other verbs.

verb_probe() {
    need_tools uname df awk date
    survey
    find_place
    missing=
    for tool in awk chmod date df gzip id ln mv readlink sed setsid sha256sum tar touch wc; do
        command -v "$tool" >/dev/null || missing="$missing $tool"
    done
    fact folder "$folder"
    report_machine
    fact free_kb "$(df -Pk "$place" | awk 'NR == 2 { print $4 }')"
    report_programs
    fact missing "${missing# }"
    report_clock
}

verb_start() {
    need_tools awk date id ln readlink setsid touch wc
    require_private
    runtime=
    admit
    enter && [ -f "$base/current/start" ] || fail start_failed "nothing is installed"
    end_with_manager
    if is_staying; then
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
    need_tools ln readlink
    enter || return 0
    stop
}

stop() {
    end_with_manager
    find_nodes
    fact stopped "$started"
    step stop
    halt
}

verb_check() {
    need_tools awk readlink sed
    survey
    fact folder "$folder"
    [ "$folder" = ours ] || return 0
    current=$(readlink "$base/current")
    running=no
    if is_running; then running=yes; fi
    find_address
    read_holder
    if [ -n "$holder" ] && [ "$holder" != "$reached_at" ]; then
        fact holder "$holder"
        [ "$held_on" != "$machine" ] || fact holder_here yes
    fi
    fact pool "$owner"
    fact digest "${current#bundles/}"
    fact running "$running"
    fact processes "$started"
    [ -z "$current" ] || report_config
    [ "$running" = yes ] || report_cause
    [ "$running" = no ] || fact uptime "$(awk -v since="$since" -v hz="$(getconf CLK_TCK 2>/dev/null || echo 100)" \
        '{ printf "%d", $1 - since / hz }' /proc/uptime)"
}

report_cause() { # why the node does not run, by what it has said last
    log='' skip=0 runtime=''
    for log in "$base"/node/node.log.*; do :; done
    [ -s "$log" ] || return 0
    find_cause
    fact cause "$cause"
    fact words "$words"
}

report_config() {
    fact address "$(node_address)"
    fact namespace "$(sed -n 's/.*<BrunetNamespace>\([^<]*\)<\/BrunetNamespace>.*/\1/p' "$base/node/node.config" \
        2>/dev/null | head -n 1)"
    fact config "$(judge_config)"
}

judge_config() { # a node that can't use its config says so and ends; one that can writes its address into it
    newest=
    for log in "$base"/node/node.log.*; do newest=$log; done
    if [ "$running" = no ] && tail -c 4000 "$newest" 2>/dev/null | grep -q 'Invalid NodeConfig'; then
        echo refused
    elif [ -n "$(node_address)" ]; then
        echo accepted
    else
        echo unknown
    fi
}

verb_remove() { # all but the fence; what somebody else put into the folder stays too
    need_tools ln readlink
    if [ "$fence" -eq 0 ]; then
        verb_forget
        return
    fi
    enter || return 0
    clear_out
    fact kept fence
    report_left
}

verb_forget() { # the fence too
    need_tools ln readlink
    inspect
    if [ "$folder" != ours ]; then
        fact folder "$folder"
        refuse_while_running
        return
    fi
    hold
    clear_out
    report_left
    must rm -rf -- "$base/.fence"
    must rm -f -- "$base/.p2ppool" # while there is the lock: without it, the mark may be the next agent's
    rm -f -- "$base/.lock"
    link='' inside=''
    trouble=$(rmdir -- "$base" 2>&1) || case $trouble in
    *'not empty'* | *'No such file'*) ;; # somebody else's files; or the next agent has come, or gone already
    *) fail_writing "$trouble" ;;
    esac
}

clear_out() { # ends the node and removes what the agent made
    stop
    step remove
    must rm -f -- "$base/current"
    # An incomplete folder must not keep its name, in case this agent is killed.
    [ ! -d "$base/bundles" ] || must mv -- "$base/bundles" "$base/.unpack.bundles"
    [ ! -d "$base/runtimes" ] || must mv -- "$base/runtimes" "$base/.unpack.runtimes"
    wipe "$base/.unpack.bundles" "$base/bundles" "$base/.unpack.runtimes" "$base/node" "$base/.current.new"
}

wipe() { # PATH...: also folders that a node has made unreadable
    rm -rf -- "$@" 2>/dev/null && return
    chmod -R u+rwx -- "$@" 2>/dev/null
    must rm -rf -- "$@"
}
