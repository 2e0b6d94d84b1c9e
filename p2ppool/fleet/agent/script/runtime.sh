# The runtime that a pool brings along. It is stored beside the bundles, not in them, so that an upgrade of the software
# does not send it again; a bundle's `start` names the digest of the runtime that it needs.

read_carried() { # DIGEST:BYTES:MACHINE; empty: the pool brings no runtime along
    carried=${1%%:*} carried_size=${1#*:}
    carried_machine=${carried_size#*:} carried_size=${carried_size%%:*}
}

check_machine() { # or ends the agent, with nothing touched
    need_tools chmod uname
    found=$(uname -m)
    [ "$found" = "$carried_machine" ] || fail unfit_runtime "it is for $carried_machine, the machine is $found"
}

fetch_runtime() { # sets $runtime_part if it isn't there yet
    check_exec
    if [ -d "$base/runtimes/$carried" ]; then
        fact runtime_upload no
        return
    fi
    must mkdir -p -- "$base/runtimes"
    runtime_part=$base/.part.$$.runtime
    step 'upload runtime'
    fact runtime_upload yes
    say need runtime
    receive "$runtime_part" "$carried" "$carried_size"
}

check_exec() { # unlike a script, a runtime has to be executed: better reported before a long upload than after it
    trial=$base/.part.$$.trial
    must put "$trial" '#!/bin/sh'
    must chmod 700 "$trial"
    "$trial" 2>/dev/null || fail unfit_runtime "nothing can be executed in $base, as where a disk is mounted noexec"
    rm -f -- "$trial"
}

unpack_runtime() {
    step 'unpack runtime'
    fresh=$base/.unpack.$$.runtime
    unpack_into "$fresh" "$runtime_part"
    trouble=$(sh "$fresh/bin/$runtime" --version 2>&1 </dev/null 3<&-) ||
        fail unfit_runtime "$(printf '%s\n' "$trouble" | tail -n 1)"
    must mv -- "$fresh" "$base/runtimes/$carried"
    rm -f -- "$runtime_part"
}

forget_old_runtimes() { # those that no bundle names any more
    for place in "$base"/runtimes/*; do
        [ -d "$place" ] && ! grep -qF "/runtimes/${place##*/}/" "$base"/bundles/*/start || continue
        mv -- "$place" "$base/.unpack.runtime" && rm -rf -- "$base/.unpack.runtime"
    done
    [ ! -d "$base/runtimes" ] || rmdir -- "$base/runtimes" 2>/dev/null
}
