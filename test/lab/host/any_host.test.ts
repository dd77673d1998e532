import { expect, test } from 'vitest';
import { hostQueries } from '../../../lab/host/queries.ts';
import { runProbe } from '../../engine/health/run_probe.ts';
import { findingsOf, lineOf, thingsOf } from '../../support/health.ts';

const DF = 'Filesystem 1024-blocks Used Available Capacity Mounted on\n';
const ROOT = '/dev/sda1 100000000 1000 50000000 50% /\n';

/** A check, what the host prints, and all that comes of it. */
const cases: readonly (readonly [string, string, string, readonly string[]])[] = [
  ['a disk with room', 'host.disk', DF + ROOT, []],
  [
    'a disk nearly full',
    'host.disk',
    `${DF}/dev/sda1 100000000 1 9000000 91% /\n`,
    [
      'warning host.disk [disk /] the disk of /, which holds /var/lib, is nearly full | /dev/sda1 100000000 1 9000000 91% /',
    ],
  ],
  [
    'a full disk of its own',
    'host.disk',
    `${DF}${ROOT}/dev/sdb1   100000000 1 1000000 99% /srv\n`,
    [
      'problem host.disk [disk /srv] the disk of /srv is full | /dev/sdb1 100000000 1 1000000 99% /srv',
    ],
  ],
  [
    'a huge disk of which a small share is plenty',
    'host.disk',
    `${DF}/dev/sda1 9000000000 1 100000000 99% /\n`,
    [],
  ],
  [
    'a full disk with a space in its name',
    'host.disk',
    `${DF}/dev/sdb1 100000000 1 10 100% /mnt/my disk\n`,
    [
      'problem host.disk [disk /mnt/my disk] the disk of /mnt/my disk is full | /dev/sdb1 100000000 1 10 100% /mnt/my disk',
    ],
  ],
  ['inodes left', 'host.inodes', '/dev/sda1 1000 100 900 10% /\n', []],
  ['a filesystem that does not count inodes', 'host.inodes', '/dev/sda1 0 0 0 - /\n', []],
  [
    'no inodes left',
    'host.inodes',
    '/dev/sda1 1000 997 3 100% /\n',
    [
      'problem host.inodes [disk /] the filesystem of / is nearly out of inodes, so new files may fail despite free space | /dev/sda1 1000 997 3 100% /',
    ],
  ],
  [
    'a tmpfs with room, and one of a container',
    'host.tmpfs',
    `${DF}tmpfs 5120 4 5116 1% /run/lock\ntmpfs 1024 1024 0 100% /sys\ninodes\ntmpfs 800 10 790 2% /run/lock\n`,
    [],
  ],
  [
    'a full tmpfs',
    'host.tmpfs',
    `${DF}tmpfs 4936820 4936820 0 100% /run\ninodes\ntmpfs 800 10 790 2% /run\n`,
    [
      'problem host.tmpfs [disk /run] the tmpfs on /run is full | tmpfs 4936820 4936820 0 100% /run',
    ],
  ],
  [
    'a tmpfs with too many files',
    'host.tmpfs',
    `${DF}tmpfs 4936820 20 4936800 1% /dev/shm\ninodes\ntmpfs 800 800 0 100% /dev/shm\n`,
    [
      'problem host.tmpfs [disk /dev/shm] the tmpfs on /dev/shm holds as many files as it can | tmpfs 800 800 0 100% /dev/shm',
    ],
  ],
  [
    'a writable root',
    'host.read-only',
    '29 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n\n',
    [],
  ],
  [
    'a root that the kernel has made read-only',
    'host.read-only',
    '29 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 ro,errors=remount-ro\n\n/dev/sda1 / ext4 errors=remount-ro 0 1\n',
    [
      'problem host.read-only [disk /] / is read-only | /dev/sda1 on / type ext4 (rw,relatime; ro,errors=remount-ro)',
    ],
  ],
  [
    'a root that is meant to be read-only',
    'host.read-only',
    '29 1 8:1 / / ro - ext4 /dev/sda1 ro\n\n/dev/sda1 / ext4 ro 0 1\n',
    [],
  ],
  [
    'a read-only medium',
    'host.read-only',
    '30 1 7:1 / /snap/x ro - squashfs /dev/loop1 ro\n\n',
    [],
  ],
  ['no failed unit', 'host.units', '', []],
  [
    'failed units',
    'host.units',
    'lava-worker.service loaded failed failed LAVA worker\n● man-db.service loaded failed failed Daily man\n',
    [
      'problem host.units [unit lava-worker.service] the unit lava-worker.service has failed | lava-worker.service loaded failed failed LAVA worker',
      'warning host.units [unit man-db.service] the unit man-db.service has failed | man-db.service loaded failed failed Daily man',
    ],
  ],
  [
    'a failed mount, which is called by its place',
    'host.units',
    'srv-lava\\x2dshare.mount loaded failed failed the share\n',
    [
      'problem host.units [mount /srv/lava-share] the unit srv-lava\\x2dshare.mount has failed | srv-lava\\x2dshare.mount loaded failed failed the share',
    ],
  ],
  ['no reboot needed', 'host.reboot', '', []],
  [
    'a reboot needed',
    'host.reboot',
    'required\nlibc6\nlinux-image-6.1\n',
    ['note host.reboot [] a reboot is pending | /run/reboot-required, by libc6, linux-image-6.1'],
  ],
  [
    'timesyncd that has heard from a server',
    'host.time-sync',
    'synchronized\nruns systemd-timesyn\n',
    [],
  ],
  ['chrony', 'host.time-sync', 'runs bash\nruns chronyd\n', []],
  ["a container, whose clock is its machine's", 'host.time-sync', 'container\n', []],
  [
    'timesyncd that hears nothing',
    'host.time-sync',
    'runs systemd-timesyn\n',
    [
      'warning host.time-sync [clock] systemd-timesyncd has not reached any time server | no /run/systemd/timesync/synchronized',
    ],
  ],
  [
    'nobody who keeps the clock',
    'host.time-sync',
    'runs bash\n',
    [
      'warning host.time-sync [clock] nothing synchronizes the clock of this host | no systemd-timesyncd, chronyd, ntpd, openntpd, ntpsec',
    ],
  ],
  [
    'memory left',
    'host.memory',
    'MemTotal 4000000\nMemAvailable 2000000\nkilled 0\nload 1 1 1\nprocessors 2\n',
    [],
  ],
  [
    'no memory left',
    'host.memory',
    'MemTotal 4096000\nMemAvailable 51200\nkilled 0\n',
    [
      'problem host.memory [memory] this host is nearly out of memory | MemAvailable 50 MiB of 4000 MiB',
    ],
  ],
  [
    'processes killed',
    'host.memory',
    'MemTotal 4096000\nMemAvailable 4000000\nkilled 2\n',
    [
      'warning host.memory [memory] the kernel has killed 2 processes since boot, because memory ran out | oom_kill 2 in /proc/vmstat',
    ],
  ],
  [
    'processes killed by the machine around a container',
    'host.memory',
    'container\nMemTotal 4096000\nMemAvailable 4000000\nkilled 2\n',
    [],
  ],
  ['a short rush', 'host.load', 'load 9.0 6.0 4.0\nprocessors 2\n', []],
  [
    'too much to do',
    'host.load',
    'load 9.0 6.0 4.1\nprocessors 2\n',
    [
      'warning host.load [load] this host has been overloaded for a quarter of an hour | load average 9 6 4.1 on 2 processors',
    ],
  ],
  ['a name', 'host.name', 'name worker01\nresolves 127.0.1.1 worker01\n', []],
  ['a host without getent', 'host.name', 'name worker01\nresolves ?\n', []],
  [
    'no name of its own',
    'host.name',
    'name localhost\nresolves 127.0.0.1 localhost\n',
    [
      'problem host.name [host name] this host has no host name of its own, but LAVA identifies hosts by name | uname -n: localhost',
    ],
  ],
  [
    'a name that does not resolve',
    'host.name',
    'name worker01\n',
    [
      'warning host.name [host name] this host does not resolve its own name worker01: LAVA daemons may not start, and each sudo is delayed | getent hosts worker01: nothing',
    ],
  ],
  ['a fast link', 'host.network-link', 'eth0 up 1000 full 0 5000\neth1 down ? ? ? ?\n', []],
  ['a virtual link of unknown speed', 'host.network-link', 'ens3 up -1 unknown 0 5000\n', []],
  [
    'a bad cable',
    'host.network-link',
    'eth0 up 100 half 900 90000\n',
    [
      'warning host.network-link [network eth0] the network link eth0 is slow, and all images and logs go over it | eth0: 100 Mbit/s, half duplex',
      'warning host.network-link [network eth0] the network link eth0 receives broken packets | eth0: 900 rx_errors in 90000 packets',
    ],
  ],
  ['no USB', 'host.usb-power', '', []],
  ['a hub with a power supply', 'host.usb-power', hub({ attributes: 'e0', devices: 7 }), []],
  [
    'a hub without one that has little to feed',
    'host.usb-power',
    hub({ attributes: 'a0', devices: 4 }),
    [],
  ],
  [
    'a hub without one that has to feed too much',
    'host.usb-power',
    hub({ attributes: 'a0', devices: 5 }),
    [
      'warning host.usb-power [hub 1-2] a USB hub without a power supply powers 5 devices, which may draw more than it can supply | 1-2 4-Port Hub: 450 mA needed by 1-2.1, 1-2.2, 1-2.3, 1-2.4, 1-2.5, 400 mA available',
    ],
  ],
  [
    'a port that has switched off',
    'host.usb-power',
    '1-0:1.0/usb1-port2/over_current_count:3\n',
    [
      'warning host.usb-power [hub 1-0] a USB port has switched off because its devices drew too much current | /sys/bus/usb/devices/1-0:1.0/usb1-port2/over_current_count: 3',
    ],
  ],
];

/** A hub at 1-2 with devices of 90 mA, one of which has one more hub below it that must not be counted. */
function hub({ attributes, devices }: { attributes: string; devices: number }): string {
  const places = Array.from({ length: devices }, (_, i) => `1-2.${i + 1}`);
  const lines = (place: string, values: Readonly<Record<string, string>>): string =>
    Object.entries(values)
      .map(([key, value]) => `${place}/${key}:${value}\n`)
      .join('');
  return [
    lines('usb1', { bMaxPower: '0mA', bmAttributes: 'e0', bDeviceClass: '09', speed: '480' }),
    lines('1-2', {
      bMaxPower: '100mA',
      bmAttributes: attributes,
      bDeviceClass: '09',
      speed: '480',
      product: '4-Port Hub',
    }),
    ...places.map((place) =>
      lines(place, {
        bMaxPower: '90mA',
        bmAttributes: 'a0',
        bDeviceClass: '00',
        speed: '12',
        product: 'FT232R',
      }),
    ),
    lines('1-2.1.1', { bMaxPower: '400mA', bmAttributes: 'a0', bDeviceClass: '00', speed: '12' }),
  ].join('');
}

test.each(cases)('%s', (_, id, output, wanted) => {
  const found = findingsOf(hostQueries, { [id]: output });
  expect(found.map(([check, finding]) => lineOf(check, finding))).toEqual(wanted);
  for (const [, { fix }] of found) expect(fix).not.toBe('');
});

test('every question can be put to this very machine, in every shell, and its answer is understood', () => {
  for (const { id, probe, judge, figures } of hostQueries) {
    for (const shell of ['dash', 'bash']) {
      const { status, stdout, stderr } = runProbe(shell, probe);
      expect([id, status, stderr]).toEqual([id, 0, '']);
      for (const finding of judge(stdout)) expect(finding.evidence).not.toContain('undefined');
      for (const { value } of figures?.(stdout) ?? []) expect(Number.isFinite(value)).toBe(true);
    }
  }
});

test.each([
  ['e0', 5, 'powered', 'good'],
  ['a0', 4, 'unpowered', 'good'],
  ['a0', 5, 'starved', 'warning'],
])(
  'a hub of attributes %s with %i devices is shown as %s',
  (attributes, devices, state, status) => {
    const things = thingsOf(hostQueries, { 'host.usb-power': hub({ attributes, devices }) });
    expect(things).toEqual([
      { kind: 'hub', name: '1-2', state, status, details: { product: '4-Port Hub' } },
    ]);
  },
);
