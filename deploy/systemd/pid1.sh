#!/bin/sh
# Becomes systemd as the first process of its own namespaces, with an overlay root that vanishes at its end.
# $1: folder of this machine to mount as /mnt. $2: an empty folder for the root. $3: the lower root; / is that of this machine.
# $4: "probe" exits where systemd would start.
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
# Units with effects outside: kernel settings and modules belong to the machine.
for unit in "$root"/usr/lib/systemd/system/sysinit.target.wants/* "$root"/etc/systemd/system/*.wants/*; do
  name=${unit##*/}
  case $name in systemd-journald* | '*') ;; *) ln -sf /dev/null "$root/run/systemd/system/$name" ;; esac
done
cd "$root"
pivot_root . old
umount -l /old
# As on a real machine, mounts of systemd for a unit are visible inside. Nothing propagates to the machine below.
mount --make-rshared /
[ "${4:-}" != probe ] || exit 0
exec env -i container=loadstone PATH=/usr/sbin:/usr/bin:/sbin:/bin /usr/lib/systemd/systemd --system --unit=basic.target --log-target=journal
