# Process 1 of one sshd host, in network, mount, pid and uts namespaces of its own.
# Arguments: number of the host, first three numbers of its address, the hub's pid on the machine, public key line.
set -eu
index=$1 subnet=$2 hub=/proc/$3/ns/net key=$4
address=$subnet.$((index + 10))
read -r pid _ </proc/self/stat # the machine's /proc: the pid as the machine sees it

hostname "host-$index"
ip link set lo up
ip link add eth0 type veth peer name "host$index" netns "$hub"
nsenter --net="$hub" ip link set "host$index" master br0 up
ip address add "$address/24" dev eth0
ip link set eth0 up

# The machine's root file system, with all that is written on top of it in memory.
mount -t tmpfs lab /tmp
mkdir /tmp/upper /tmp/work /tmp/root
mount -t overlay lab -o lowerdir=/,upperdir=/tmp/upper,workdir=/tmp/work /tmp/root
cd /tmp/root
mount --rbind /dev dev
mount -t proc proc proc
for folder in tmp var/tmp dev/shm; do mount -t tmpfs -o mode=1777 lab "$folder"; done
mount -t tmpfs -o mode=755 lab run
mkdir .machine
pivot_root . .machine
cd /
umount -l /.machine
rmdir /.machine

echo 'p2p:x:61231:61231::/home/p2p:/bin/sh' >>/etc/passwd
echo 'p2p:*:20000:0:99999:7:::' >>/etc/shadow # '*', not '!': sshd without PAM refuses a locked account
echo 'p2p:x:61231:' >>/etc/group
echo "127.0.0.1 localhost" >/etc/hosts
rm -rf /home/p2p /etc/ssh
mkdir -p /home/p2p /etc/ssh /run/sshd
chown 61231:61231 /home/p2p
echo "$key" >/etc/ssh/authorized_keys
cat >/run/new-host-keys <<'END'
for type in ed25519 ecdsa; do ssh-keygen -q -t "$type" -N '' -f "/etc/ssh/ssh_host_${type}_key"; done
END
sh /run/new-host-keys
cat >/etc/ssh/sshd_config <<END
AddressFamily inet
HostKey /etc/ssh/ssh_host_ed25519_key
HostKey /etc/ssh/ssh_host_ecdsa_key
AuthorizedKeysFile /etc/ssh/authorized_keys
AllowUsers p2p
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
UseDNS no
PrintMotd no
MaxStartups 500
PidFile /run/sshd.pid
END
# OpenSSH 9.8 and newer: a client that often fails on purpose must not be locked out.
if sshd -t -o PerSourcePenalties=no 2>/dev/null; then echo 'PerSourcePenalties no' >>/etc/ssh/sshd_config; fi
cat >/run/start-sshd <<'END'
set -eu
rm -f /run/sshd.pid
"$(command -v sshd)" -E /var/log/sshd.log
tries=0
until [ -s /run/sshd.pid ]; do # written once it listens
    [ "$tries" -lt 1000 ] || { cat /var/log/sshd.log >&2; exit 1; }
    tries=$((tries + 1))
    sleep 0.01
done
END
sh /run/start-sshd

echo "host $index $pid"
# With SIGCHLD ignored the kernel buries the orphans that process 1 inherits.
exec env --ignore-signal=CHLD sleep infinity </dev/null >/dev/null 2>&1
