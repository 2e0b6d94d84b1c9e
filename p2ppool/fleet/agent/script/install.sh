# Installs: uploads, unpacks aside, switches a link, and starts; or leaves everything as it was.

verb_install() { # DIGEST BYTES RUNTIME, and what `preflight` takes
    digest=$1 size=$2 runtime=$3
    shift 3
    need_tools awk chmod date gzip id ln readlink sed setsid sha256sum tar touch wc
    require_private
    read_carried "${1-}"
    [ "$(readlink "$base/current")" = "bundles/$digest" ] && is_staying || preflight "$@"
    hold
    must mkdir -p -- "$base/bundles" "$base/node"
    claim
    part='' runtime_part=''
    [ -z "$carried" ] || fetch_runtime
    if [ -d "$base/bundles/$digest" ]; then fact upload no; else fetch_bundle; fi
    end_with_manager
    [ -z "$runtime_part" ] || unpack_runtime
    [ -z "$part" ] || unpack
    before=$(readlink "$base/current")
    if [ "$before" = "bundles/$digest" ] && is_staying; then
        fact changed no
    else
        replace
        fact changed yes
    fi
    fact digest "$digest"
    fact pid "$pid"
}

fetch_bundle() { # sets $part
    part=$base/.part.$$
    step upload
    fact upload yes
    say need
    receive "$part" "$digest" "$size"
}

receive() { # FILE DIGEST BYTES: from the input
    trouble=$(head -c "$3" <&3 2>&1 >"$1") || fail_writing "$trouble"
    [ "$(wc -c <"$1")" -eq "$3" ] || fail bad_bundle "the upload was cut"
    got=$(sha256sum <"$1")
    [ "${got%% *}" = "$2" ] || fail bad_bundle "the digest is ${got%% *}, not $2"
}

unpack_into() { # FOLDER ARCHIVE
    must mkdir -- "$1"
    trouble=$(tar -xzof "$2" -C "$1" 2>&1) || case $trouble in
    *'o space left'* | *'uota exceeded'* | *'Wrote only'*) fail disk_full "$trouble" ;; # the last is GNU tar's
    *) fail bad_bundle "$trouble" ;;
    esac
}

unpack() {
    step unpack
    fresh=$base/.unpack.$$
    unpack_into "$fresh" "$part"
    [ -f "$fresh/start" ] && [ -f "$fresh/node.config" ] || fail bad_bundle "no start program or no node.config"
    must mv -- "$fresh" "$base/bundles/$digest"
    rm -f -- "$part"
}

replace() { # the running bundle by the new one, or everything stays as it was
    step prepare
    must write_config
    find_nodes
    was_running=$nodes
    step stop
    halt
    step start
    if [ -f "$base/node/node.config" ]; then must ln -f -- "$base/node/node.config" "$base/node/.config.before"; fi
    must mv -f -- "$base/node/.config.new" "$base/node/node.config"
    put_link "$base/current" "bundles/$digest"
    if launch; then
        forget_old_bundles
        return
    fi
    halt
    step 'roll back'
    doomed="$cause $words"
    case $before in
    '') rm -f -- "$base/current" ;;
    "bundles/$digest") ;;
    *) roll_back ;;
    esac
    fail
}

write_config() { # the new template with the address that the node has had so far: so it keeps its place in the ring
    template=$base/bundles/$digest/node.config
    known=$(node_address)
    if [ -n "$known" ]; then
        sed -e 's/<NodeAddress>[^<]*<\/NodeAddress>//g; s/<NodeAddress *\/>//g' \
            -e "s/<\/NodeConfig>/<NodeAddress>$known<\/NodeAddress><\/NodeConfig>/" "$template"
    else
        cat "$template"
    fi >"$base/node/.config.new"
}

node_address() { # what the node wrote into its config at its first start
    sed -n 's/.*<NodeAddress>\(brunet:node:[A-Z2-7]*\)<\/NodeAddress>.*/\1/p' "$base/node/node.config" 2>/dev/null |
        head -n 1
}

roll_back() {
    first=$doomed
    doomed="$first; the version before did not come back"
    put_link "$base/current" "$before"
    must mv -f -- "$base/node/.config.before" "$base/node/node.config"
    if [ -z "$was_running" ] || launch; then doomed="$first; the version before is back"; fi
}

forget_old_bundles() { # all but this one and the one before
    rm -f -- "$base/node/.config.before"
    for bundle in "$base"/bundles/*; do
        case bundles/${bundle##*/} in
        "bundles/$digest" | "$before") ;;
        *) mv -- "$bundle" "$base/.unpack.${bundle##*/}" && rm -rf -- "$base/.unpack.${bundle##*/}" ;;
        esac
    done
    forget_old_runtimes
}
