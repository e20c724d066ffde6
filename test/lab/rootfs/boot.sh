#!/bin/sh
# Run in a host's new mount, pid, uts and ipc namespaces: builds the host's file tree, makes it the root, becomes its init.
# usage: boot.sh LOWER DIR NAME INIT [ARGUMENT …]
set -eu
lower=$1 dir=$2 name=$3
shift 3
root=$dir/root

mount -t overlay overlay -o "lowerdir=$lower,upperdir=$dir/upper,workdir=$dir/work" "$root"
# overlay2 does not work on an overlay: Docker's files lie on the real disk.
mkdir -p "$root/var/lib/docker"
mount --bind "$dir/docker" "$root/var/lib/docker"
mount -t proc proc "$root/proc"
mount -t sysfs sysfs "$root/sys"
mount --rbind /sys/fs/cgroup "$root/sys/fs/cgroup"
mount -t tmpfs -o mode=755 tmpfs "$root/run"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"

cd "$root/dev"
mkdir pts shm
mount -t devpts -o newinstance,ptmxmode=666,mode=620,gid=5 devpts pts
mount -t tmpfs -o mode=1777 tmpfs shm
while read -r node major minor; do
  mknod -m 666 "$node" c "$major" "$minor"
done <<NODES
null 1 3
zero 1 5
full 1 7
random 1 8
urandom 1 9
tty 5 0
NODES
ln -s pts/ptmx ptmx
ln -s /proc/self/fd fd
ln -s fd/0 stdin
ln -s fd/1 stdout
ln -s fd/2 stderr

hostname "$name"
# Not chroot: `docker exec` joins this mount namespace and would land outside of it.
cd "$root"
pivot_root . .
umount -l .
cd /
mkdir -p /run/sshd /run/lock
touch /run/lab-booted
exec env -u OLDPWD PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"
