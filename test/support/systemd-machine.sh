#!/usr/bin/env bash
# A machine of its own for systemd: the files of this one, whatever is written to them gone afterwards, and the network shared.
#
# systemd-machine.sh FOLDER: FOLDER/etc is laid over /etc, FOLDER/local appears as /usr/local, and a line comes out of FOLDER/console when
# systemd is up. Needs root with CAP_SYS_ADMIN. SIGTERM ends all of it.
set -euo pipefail

folder=$1
root=$folder/root
groups=()

lay_out_files() {
  mount --make-rprivate /
  mkdir -p "$folder/writes" "$root"
  mount -t tmpfs tmpfs "$folder/writes"
  mkdir "$folder/writes/upper" "$folder/writes/work"
  mount -t overlay overlay -o "lowerdir=/,upperdir=$folder/writes/upper,workdir=$folder/writes/work" "$root"
  mount -t proc proc "$root/proc"
  mount -t tmpfs -o mode=755 tmpfs "$root/run"
  mount -t tmpfs tmpfs "$root/tmp"
  mount --rbind /dev "$root/dev"
  mount -t sysfs -o ro sysfs "$root/sys"
  if [[ -f /sys/fs/cgroup/cgroup.controllers ]]; then
    mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
  else
    mount -t tmpfs tmpfs "$root/sys/fs/cgroup"
    mkdir "$root/sys/fs/cgroup/systemd" "$root/sys/fs/cgroup/unified"
    mount -t cgroup -o none,name=systemd cgroup "$root/sys/fs/cgroup/systemd"
    mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup/unified"
  fi
}

# Only the journal and what the test brings: nothing of what this machine starts, and nothing that would touch its kernel.
choose_units() {
  rm -rf "$root"/etc/systemd/system/*.wants "$root"/lib/systemd/system/*.wants "$root/lib/systemd/system-generators"
  cp -r "$folder/etc/." "$root/etc"
  cat >"$root/etc/systemd/system/machine.target" <<'UNIT'
[Unit]
DefaultDependencies=no
Wants=systemd-journald.service machine-is-up.service
UNIT
  cat >"$root/etc/systemd/system/machine-is-up.service" <<'UNIT'
[Unit]
DefaultDependencies=no
After=systemd-journald.service
[Service]
Type=oneshot
ExecStart=/bin/sh -c 'echo the machine is up >/run/console'
UNIT
  mkfifo "$root/run/console"
  mount --bind "$folder/console" "$root/run/console"
  mount --bind "$folder/local" "$root/usr/local"
}

boot() {
  lay_out_files
  choose_units
  cd "$root"
  mkdir -p .outside
  # Not chroot: from within one the kernel lets nobody have the user namespace that PrivateUsers needs.
  pivot_root . .outside
  umount -l /.outside
  # So that the credentials, mounted for a service in a namespace of its own, are seen by it.
  mount --make-rshared /
  exec env -i container=other PATH=/usr/sbin:/usr/bin /lib/systemd/systemd --system --unit=machine.target
}

# systemd makes groups of processes below the one that it is in: one of our own, to be removed afterwards.
enter_group() {
  local hierarchy
  for hierarchy in /sys/fs/cgroup /sys/fs/cgroup/systemd /sys/fs/cgroup/unified; do
    [[ -w $hierarchy/cgroup.procs ]] || continue
    groups+=("$hierarchy/$(basename "$folder")")
    mkdir "${groups[-1]}"
    echo $$ >"${groups[-1]}/cgroup.procs"
  done
}

remove_group() {
  local group
  for group in "${groups[@]}"; do
    echo $$ >"$(dirname "$group")/cgroup.procs"
    find "$group" -depth -type d -exec rmdir {} +
  done
}

if [[ ${2-} == boot ]]; then boot; fi

enter_group
setpriv --pdeathsig KILL unshare --pid --fork --kill-child --mount --uts --ipc --cgroup "$0" "$folder" boot &
# Process 1 of the machine: with it all others are gone, and then unshare itself ends.
trap 'pkill -KILL --parent $!' TERM
wait $! || wait $! || true
remove_group
