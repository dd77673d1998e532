import type { Finding, HealthQuery } from '../../engine/sdk.ts';
import { type Mount, sourceOf } from '../../lab/share/mount.ts';
import { mountUnit } from '../../lab/share/mount_path.ts';
import type { Thing } from '../../lab/status/kinds.ts';
import { KEEPS_JOBS_AWAY } from '../../lab/worker/jobs.ts';
import { mountProbe } from './mount_probe.ts';
import { judgeMount, parseMountState, powerThrough, troubleThrough } from './mount_state.ts';
import { wayHealth } from './way.ts';

/** Whether the master's folder is there and answers. */
export function mountHealth(mount: Mount): readonly HealthQuery[] {
  return [
    {
      id: 'sshfs_mount.mount',
      probe: mountProbe(mount),
      judge: (output) => judge(output, mount),
      things: (output) => [thing(output, mount)],
    },
    ...wayHealth(mount),
  ];
}

function judge(output: string, mount: Mount): readonly Finding[] {
  const { where, address, port } = mount;
  const now = parseMountState(output);
  const { verdict, words } = judgeMount(now, sourceOf(mount));
  const common = {
    severity: 'problem',
    subject: `mount ${where}`,
    breaks: KEEPS_JOBS_AWAY,
  } as const;
  const towards = { kind: 'server', host: address, port } as const;
  if (verdict === 'mounted') {
    const trouble = troubleThrough(now);
    if (trouble === undefined) return powerThrough(now) === undefined ? [] : [powerful(mount)];
    return [
      {
        ...common,
        towards,
        what: `${where} is mounted, but cannot be used`,
        evidence: trouble,
        fix: `look at ${mount.folder} on the master`,
      },
    ];
  }
  const said = verdict === 'absent' && now.lastWords !== '' ? `; ${now.lastWords}` : '';
  const way = now.trouble === undefined ? '' : `; ${address} port ${port}: ${now.trouble}`;
  return [
    {
      ...common,
      ...(verdict !== 'foreign' && verdict !== 'stacked' && { towards }),
      what: `${where} is ${words}`,
      evidence: `${sourceOf(mount)}: ${verdict}${way}${said}`,
      fix:
        verdict === 'foreign'
          ? 'unmount it, and remove what mounts it, such as a line of /etc/fstab'
          : `lava-play apply mounts it again when the master answers; else: journalctl -u '${mountUnit(where)}'`,
    },
  ];
}

function powerful({ where, folder }: Mount): Finding {
  return {
    severity: 'problem',
    what: `a setuid file in ${folder} of the master is honoured on this worker`,
    evidence: `${where} is mounted without nosuid and nodev`,
    fix: 'lava-play apply mounts it again once nobody uses it; --kick does so at once',
    subject: `mount ${where}`,
  };
}

function thing(output: string, mount: Mount): Thing {
  const source = sourceOf(mount);
  const now = parseMountState(output);
  const { verdict } = judgeMount(now, source);
  const isUsable = verdict === 'mounted' && troubleThrough(now) === undefined;
  return {
    kind: 'mount',
    name: mount.where,
    state: verdict === 'absent' ? 'not mounted' : verdict,
    status: isUsable ? 'good' : 'bad',
    details: { source },
  };
}
