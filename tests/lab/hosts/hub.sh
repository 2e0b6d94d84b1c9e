# The switch of an sshd fleet: process 1 of a pid namespace that all its hosts are nested in, so that its end, however
# it comes, ends every process, namespace, mount and network device of the fleet. It lives until its input ends.
# Arguments: host.sh, number of hosts, public key line. First line of input: first three numbers of the addresses.
set -eu
host_script=$1 count=$2 key=$3

# /proc is still that of the machine here and tells pids as the machine sees them.
read -r pid _ </proc/self/stat
ip link set lo up
ip link add br0 type bridge
ip link set br0 up
echo "hub $pid"
read -r subnet # by now the machine has plugged in its uplink
ip link set uplink master br0 up

index=1
while [ "$index" -le "$count" ]; do
    # What a shell starts in the background ignores SIGINT; nodes on the hosts must not inherit that.
    env --default-signal unshare --net --mount --pid --uts --fork --kill-child \
        sh "$host_script" "$index" "$subnet" "$pid" "$key" &
    index=$((index + 1))
done
cat >/dev/null
