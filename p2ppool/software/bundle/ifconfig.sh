#!/bin/sh
# Prints the IPv4 addresses of this host as Brunet reads them: for each the device's name and the address, in the form
# of the ifconfig of net-tools 1.60. Takes them from ip, from any ifconfig, or from the kernel: one of them is there.
PATH=$PATH:/usr/sbin:/sbin:/usr/bin:/bin LC_ALL=C
export PATH LC_ALL

of_kernel() { # without names of devices, which only DevicesToBind needs
    awk '$1 == "|--" { address = $2 }
        /\/32 host LOCAL/ && !seen[address]++ { print "1: " (address ~ /^127/ ? "lo" : "eth" n++) " inet " address }' \
        /proc/net/fib_trie
}

addresses() {
    for source in 'ip -o -4 addr show up' ifconfig of_kernel; do
        found=$($source 2>/dev/null)
        case $found in
        *inet*) break ;;
        esac
    done
    printf '%s\n' "$found"
}

addresses | awk '
    function show(device, address) {
        sub(/[@:].*/, "", device)
        gsub(/addr:|\/.*/, "", address)
        printf "%-9s Link encap:%s\n", device, address ~ /^127/ ? "Local Loopback" : "Ethernet"
        printf "          inet addr:%s\n\n", address
    }
    $3 == "inet" { show($2, $4); next }
    /^[^ \t]/ { device = $1 }
    $1 == "inet" { show(device, $2) }'
