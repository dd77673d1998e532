/** The sections of what the probe printed: their lines, by name. */
export type Sections = ReadonlyMap<string, readonly string[]>;

/**
 * Shell that prints what `readHostFacts` reads: sections, each after a line `@NAME`.
 *
 * It asks no network and no file system but those on block devices of the host, so nothing of it hangs; `ip` and
 * `systemd-detect-virt` are asked where they are there.
 */
export const HOST_FACTS_PROBE = `say() { printf '@%s\\n' "$1"; }
first() { read -r line <"$1" && printf '%s\\n' "$line"; }
say os; cat /etc/os-release 2>/dev/null
say debian; cat /etc/debian_version 2>/dev/null
say uname; uname -s; uname -n; uname -r; uname -m
say fqdn; timeout 3 hostname -f 2>/dev/null
say meminfo; head -n 60 /proc/meminfo
say cpu; grep -E '^(processor|physical id|core id|cpu cores|siblings)[[:space:]]*:' /proc/cpuinfo | head -n 20000
say nproc; nproc
say uptime; cat /proc/uptime
say interfaces; ls /sys/class/net 2>/dev/null | head -n 1000
if command -v ip >/dev/null; then
  say addresses; ip -o addr show 2>/dev/null | head -n 2000
  say links; ip -o link show 2>/dev/null | head -n 1000
  say route4; ip -o -4 route show default 2>/dev/null | head -n 1
  say route6; ip -o -6 route show default 2>/dev/null | head -n 1
fi
say mounts; head -n 2000 /proc/self/mounts
say sizes
disks=$(while read -r device place rest; do
  case $device$place in *\\\\*) ;; /dev/*) printf '%s\\n' "$place" ;; esac
done </proc/self/mounts | sort -u | head -n 500)
[ -z "$disks" ] || df -B1 --output=target,size,avail,itotal,iavail -- $disks 2>/dev/null | tail -n +2
say devices
for f in /sys/block/*; do
  [ -r "$f/size" ] || continue
  printf '%s\\n' "\${f##*/}"
  for part in size removable queue/rotational ro queue/logical_block_size; do first "$f/$part" 2>/dev/null || echo; done
  first "$f/device/model" 2>/dev/null || echo
  first "$f/device/vendor" 2>/dev/null || echo
done | head -n 4000
say init; cat /proc/1/comm
if [ -d /run/systemd/system ]; then say systemd; fi
if command -v systemd-detect-virt >/dev/null; then
  say container; systemd-detect-virt --container
  say machine; systemd-detect-virt --vm
fi
if [ -d /sys/module/kvm ]; then say kvm; fi
say packages; command -v apt-get dnf yum zypper apk pacman
say architecture; dpkg --print-architecture 2>/dev/null
say user; id -un; id -u; id -g; printf '%s\\n' "\${HOME-}"
say date; date '+%Y %m %d %H %M %S %s %Z %z %A %u %W %N'
:`;
