import { expect, test } from 'vitest';
import key from '../../../modules/ssh_key/module.ts';
import share from '../../../modules/sshfs_share/module.ts';
import gate from '../../../modules/tunnel_gate/module.ts';
import { findingsOf, labWith, lineOf, queriesOf } from '../../support/health.ts';

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIvFqVDcSUSZ9KsrgBLRXf9tXFm4vuQMVmXaL5SW2bBR';
const OTHER = KEY.replace('IIvF', 'IXXX');
const PATH = '/etc/lava-play/ssh/id_ed25519';
const lab = labWith({ here: ['master'], worker01: ['workers'], worker02: ['workers'] });

function toldOf(
  module: typeof share | typeof key | typeof gate,
  args: object,
  answers: Parameters<typeof findingsOf>[1],
  host = 'here',
): readonly string[] {
  return findingsOf(queriesOf(module, args, lab, host), answers).map(([id, finding]) =>
    lineOf(id, finding),
  );
}

function line(publicKey: string, worker: string): string {
  return `restrict,command="internal-sftp" ${publicKey} ${worker}\n`;
}

test('each worker is let in by its own key, and nobody else', () => {
  const told = (accepted: string, worker01 = `${PATH} ${KEY}\n`): readonly string[] =>
    toldOf(
      share,
      { folder: '/srv/media' },
      {
        'sshfs_share.keys': {
          here: `accepted\n# Made by lava-play\n${accepted}`,
          worker01: `${worker01}accepted\n`,
          worker02: `${PATH} ${OTHER}\naccepted\n`,
        },
      },
    );
  const both = line(KEY, 'worker01') + line(OTHER, 'worker02');
  expect(told(both)).toEqual([]);
  expect(told(line(OTHER, 'worker02'))).toEqual([
    expect.stringMatching(/does not accept the key of worker01, which cannot mount/),
  ]);
  expect(told(both.replace(KEY, OTHER))).toHaveLength(1);
  expect(told(both + line(KEY, 'worker09'))).toEqual([
    expect.stringMatching(/^problem .*not a worker of the inventory.*worker09$/),
  ]);
  expect(told(both, '')).toEqual([]);
});

test('sshd keeps the account in its folder', () => {
  const told = (output: string): readonly string[] =>
    toldOf(share, { folder: '/srv/media' }, { 'sshfs_share.sshd': output });
  const fine = `restricted
pubkeyauthentication yes
subsystem sftp internal-sftp
chrootdirectory /run/lava-share/lavashare
`;
  expect(told(fine)).toEqual([]);
  expect(told(fine.replace('/run/lava-share/lavashare', 'none'))).toEqual([
    expect.stringMatching(/^problem .*sshd does not confine lavashare-worker01 to its folder/),
  ]);
  expect(told(`${fine}allowusers admin\n`)[0]).toMatch(/not among AllowUsers/);
});

test('a key is whole, and nobody else can read it', () => {
  const told = (output: string): readonly string[] => toldOf(key, {}, { 'ssh_key.key': output });
  const fine = `found 600 0 root regular file\n0\npublic ${KEY}\npub\n${KEY} root@here\n`;
  expect(told(fine)).toEqual([]);
  expect(told('missing\n')).toEqual([expect.stringMatching(/is incomplete \| missing$/)]);
  expect(told(fine.replace('found 600', 'found 644'))[0]).toMatch(/open to others than root/);
  expect(told(fine.replace('0 root regular', '7 carol regular'))[0]).toMatch(/belongs to carol/);
  expect(told(fine.replace(`pub\n${KEY}`, `pub\n${OTHER}`))).toHaveLength(1);
  expect(queriesOf(key, { state: 'absent' })).toEqual([]);
});

test('the gate holds tunnels to their ports; without tunnels nothing is asked', () => {
  expect(queriesOf(gate, {}, lab)).toEqual([]);
  const behind = labWith(
    { here: ['gate'], worker01: ['workers'] },
    { worker01: { lava: { tunnel: { through: 'here', forwards: {} } } } },
  );
  const lines = (answers: Parameters<typeof findingsOf>[1]): readonly string[] =>
    findingsOf(queriesOf(gate, {}, behind), answers).map(([id, finding]) => lineOf(id, finding));
  const told = (output: string): readonly string[] => lines({ 'tunnel_gate.sshd': output });
  const fine =
    'allowtcpforwarding local\nmaxsessions 0\nauthorizedkeysfile /etc/lava-play/tunnel.authorized_keys\n';
  expect(told(fine)).toEqual([]);
  expect(told(fine.replace('local', 'yes'))).toEqual([
    expect.stringMatching(/^problem .*does not restrict lava-tunnel to its ports/),
  ]);
  const keys = (accepted: string): readonly string[] =>
    lines({
      'tunnel_gate.keys': {
        here: `accepted\n# Made by lava-play\n${accepted}`,
        worker01: `${PATH} ${KEY}\naccepted\n`,
      },
    });
  expect(keys(line(KEY, 'worker01'))).toEqual([]);
  expect(keys('')).toEqual([
    expect.stringMatching(
      /^problem tunnel_gate\.keys \[key of worker01\] the gate does not accept/,
    ),
  ]);
  expect(keys(line(KEY, 'worker01') + line(OTHER, 'attic'))).toEqual([
    expect.stringMatching(/^problem .*the gate admits somebody.*attic$/),
  ]);
});
