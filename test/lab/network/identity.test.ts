import { expect, test } from 'vitest';
import { identity } from '../../../lab/network/identity.ts';
import { findingsOf, lineOf } from '../../support/health.ts';

function told(answers: Readonly<Record<string, string>>): readonly string[] {
  return findingsOf([identity], { 'lab.identity': answers }).flatMap(([id, finding]) => [
    lineOf(id, finding),
    finding.fix,
  ]);
}

const machine = (name: string, id: string, mac = name): string =>
  `name ${name}\nmachine ${id}\nkey ssh-${id}\nmac ${mac}\n`;

test('machines of their own are fine, and one by two names of the inventory is not a copy', () => {
  expect(told({ a: machine('a', '1'), b: machine('b', '2') })).toEqual([]);
  expect(told({ a: machine('a', '1'), b: machine('a', '1') })).toEqual([]);
});

test('a copy is told by its machine-id and its host key', () => {
  expect(told({ a: machine('a', '1'), b: machine('b', '1') })).toEqual([
    'warning lab.identity on b [identity machine] b and a have the same machine-id: they are clones, and may get the same address by DHCP | 1',
    'on one of them: rm /etc/machine-id; systemd-machine-id-setup; reboot',
    'warning lab.identity on b [identity key] b and a have the same SSH host key: whoever controls one can impersonate the other | ssh-1',
    'on one of them: rm /etc/ssh/ssh_host_*; ssh-keygen -A; systemctl restart ssh; then pin the new key',
  ]);
});

test('two machines of one name are one worker to LAVA, unless neither has a name', () => {
  expect(told({ a: machine('x', '1', 'm1'), b: machine('x', '2', 'm2') })).toEqual([
    'problem lab.identity on b [host name] b and a have the same host name: LAVA takes them for one worker | x',
    'hostnamectl set-hostname on one of them, and change its line in /etc/hosts',
  ]);
  const nameless = { a: machine('localhost', '1', 'm1'), b: machine('localhost', '2', 'm2') };
  expect(told(nameless)).toEqual([]);
});
