#!/bin/sh
# The first process of namespaces of its own becomes systemd, with a root that lies over another and goes when it ends.
# $1: folder of the machine that it sees as /mnt. $2: an empty folder for the root. $3: what the root lies over; / is this machine's.
# $4: "probe" ends where systemd would begin.
set -e
mount --make-rprivate /
mount -t tmpfs tmpfs "$2"
mkdir "$2/upper" "$2/work" "$2/root"
mount -t overlay overlay -o "lowerdir=$3,upperdir=$2/upper,workdir=$2/work" "$2/root"
root="$2/root"
mount --bind "$1" "$root/mnt"
for device in null zero full random urandom tty; do
  [ -e "$root/dev/$device" ] || : > "$root/dev/$device"
  mount --bind "/dev/$device" "$root/dev/$device"
done
: > "$1/console"
[ -e "$root/dev/console" ] || : > "$root/dev/console"
mount --bind "$1/console" "$root/dev/console"
mount -t proc proc "$root/proc"
mount -t sysfs -o ro sysfs "$root/sys"
mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
mount -t tmpfs tmpfs "$root/run"
mount -t tmpfs tmpfs "$root/tmp"
mkdir -p "$root/run/systemd/system" "$root/run/lock" "$root/old"
# What would reach beyond: the kernel's settings and modules belong to the machine.
for unit in "$root"/usr/lib/systemd/system/sysinit.target.wants/* "$root"/etc/systemd/system/*.wants/*; do
  name=${unit##*/}
  case $name in systemd-journald* | '*') ;; *) ln -sf /dev/null "$root/run/systemd/system/$name" ;; esac
done
cd "$root"
pivot_root . old
umount -l /old
# As on a machine: what systemd mounts for a unit is seen there. Nothing of it reaches the machine below.
mount --make-rshared /
[ "${4:-}" != probe ] || exit 0
exec env -i container=loadstone PATH=/usr/sbin:/usr/bin:/sbin:/bin /usr/lib/systemd/systemd --system --unit=basic.target --log-target=journal
