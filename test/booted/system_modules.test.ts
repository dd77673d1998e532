import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect } from 'vitest';
import { foundation } from '../support/foundation.ts';
import { eventsOf, lavaPlay, ofType } from '../support/program.ts';
import { testFolder } from '../support/temp_folder.ts';
import { describeOnLab } from './describe_on_lab.ts';
import { type LabHost, labAccess, labExec, labHosts, resetHost } from './lab.ts';

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDgLj8H1fub8DS4Qp1TNvn859Sfq4ySBBbLDPiGVSypV';
const HASH = `$6$salt$${'x'.repeat(86)}`;

/** What each module makes of a fresh Debian; the actions are listed apart. */
const PRESENT = [
  { command: { cmd: 'mkdir -p /srv/truth/one', creates: '/srv/truth/one' } },
  {
    shell: {
      ...{ cmd: 'cat >two; echo "$0" >>two', stdin: "it's", chdir: '/srv/truth' },
      creates: 't*o',
    },
  },
  { apt: { name: ['cron', 'ed'], update_cache: true, cache_valid_time: 86400 } },
  { apt: { name: 'ed', state: 'latest' } },
  { group: { name: 'boards', gid: 1700 } },
  { user: { name: 'alice', uid: 1500, groups: ['dialout'], shell: '/bin/bash', password: HASH } },
  { user: { name: 'bob', system: true, group: 'boards', create_home: false } },
  { authorized_key: { user: 'alice', key: `${KEY} alice`, key_options: 'from="192.0.2.1"' } },
  { systemd: { name: 'cron', state: 'started', enabled: true } },
  { sysctl: { name: 'net.ipv4.conf.all.rp_filter', value: 2, sysctl_set: true } },
  {
    mount: {
      ...{ path: '/srv/my scratch', src: 'tmpfs', fstype: 'tmpfs', opts: 'size=1m,nofail' },
      state: 'mounted',
    },
  },
  { cron: { name: 'nightly', special_time: 'daily', job: 'true' } },
  { cron: { name: 'MAILTO', env: true, job: 'root' } },
  { cron: { name: 'of a file', minute: 5, user: 'alice', job: 'true', cron_file: 'lab' } },
  { timezone: { name: 'Europe/Berlin' } },
  { dpkg_selections: { name: 'cron', selection: 'hold' } },
  {
    deb822_repository: {
      ...{ name: 'lab', uris: 'file:/srv/none', suites: './', enabled: false },
      signed_by: '/usr/share/keyrings/debian-archive-keyring.gpg',
    },
  },
];

const ACTIONS = [
  { command: { argv: ['test', '$HOME', '=', '/root'] } },
  { shell: { cmd: '[ "$BASH" = /bin/bash ]', executable: '/bin/bash' } },
  { systemd: { name: 'cron', state: 'restarted' } },
  { wait_for: { port: 22, search_regex: 'SSH', timeout: 60 } },
];

const ABSENT = [
  { deb822_repository: { name: 'lab', state: 'absent' } },
  { dpkg_selections: { name: 'cron', selection: 'install' } },
  { cron: { cron_file: 'lab', state: 'absent' } },
  { cron: { name: 'nightly', state: 'absent' } },
  { cron: { name: 'MAILTO', env: true, state: 'absent' } },
  { mount: { path: '/srv/my scratch', state: 'absent' } },
  { sysctl: { name: 'net.ipv4.conf.all.rp_filter', state: 'absent' } },
  { systemd: { name: 'cron', state: 'stopped', enabled: false } },
  { authorized_key: { user: 'alice', key: KEY, state: 'absent' } },
  { user: { name: 'alice', state: 'absent', remove: true } },
  { user: { name: 'bob', state: 'absent' } },
  { group: { name: 'boards', state: 'absent' } },
  { apt: { name: 'ed', state: 'absent', purge: true } },
];

describeOnLab('modules for what every host has', () => {
  let worker: LabHost;

  beforeAll(async () => {
    const [, , found] = labHosts();
    if (!found) throw new Error('the lab has no worker');
    worker = found;
    await resetHost(worker.name);
  });

  foundation('make it, and the second apply has nothing but actions to do', async () => {
    const first = await apply([...PRESENT, ...ACTIONS]);
    expect([first.failures, first.code]).toEqual([[], 0]);
    expect(await said('id -nG alice; id -ng bob; cat /srv/truth/two; crontab -l')).toBe(
      'alice dialout\nboards\nit\'s\n/dev/fd/3\nMAILTO="root"\n#Ansible: nightly\n@daily true\n',
    );
    const second = await apply([...PRESENT, ...ACTIONS]);
    expect([second.failures, second.changed]).toEqual([[], []]);
  });

  foundation('remove it, and the second apply has nothing to do', async () => {
    const first = await apply(ABSENT);
    expect([first.failures, first.code]).toEqual([[], 0]);
    const left = await said(
      'getent passwd alice bob; getent group boards; crontab -l 2>&1; grep scratch /etc/fstab; ls -d /srv/* /home/alice 2>/dev/null',
    );
    expect(left).toBe('no crontab for root\n/srv/truth\n');
    const second = await apply(ABSENT);
    expect([second.failures, second.changed]).toEqual([[], []]);
  });

  async function said(script: string): Promise<string> {
    const { stdout } = await labExec(worker.name, ['sh', '-c', `${script}; :`]);
    return stdout;
  }

  async function apply(tasks: readonly object[]) {
    const playbook = join(testFolder(), 'play.yaml');
    writeFileSync(playbook, JSON.stringify([{ name: 'truth', hosts: worker.name, tasks }]));
    const { code, stdout } = await lavaPlay([
      ...['apply', labAccess().inventoryFile, '--playbook', playbook, '--json'],
    ]);
    const events = eventsOf(stdout);
    const changed = ofType(events, 'host-planned').flatMap(({ changes }) =>
      changes.flatMap((change) => ('runs' in change ? [] : [change.resource])),
    );
    return { code, failures: ofType(events, 'host-failed'), changed };
  }
});
