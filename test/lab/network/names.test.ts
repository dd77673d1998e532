import { expect, test } from 'vitest';
import { names } from '../../../lab/network/names.ts';
import { findingsOf, labWith, lineOf } from '../../support/health.ts';

const lava = { master: 'lava.lab', db: { server: '192.0.2.10' }, master_url: 'http://lava.lab/' };
const lab = labWith(
  { db: ['database'], worker01: ['workers'], worker02: ['workers'] },
  { db: {}, worker01: { lava }, worker02: { lava } },
);

function told(answers: Readonly<Record<string, string>>): readonly string[] {
  return findingsOf(names(lab), { 'lab.names': answers }).flatMap(([id, finding]) => [
    lineOf(id, finding),
    finding.fix,
  ]);
}

const says = (...addresses: readonly string[]): string =>
  `name lava.lab\n${addresses.map((each) => `${each}\n`).join('')}end\n`;

test('a name that all resolve alike, or as their own, is fine', () => {
  const answers = { db: says(), worker01: says('192.0.2.11', '192.0.2.11'), worker02: says('::1') };
  expect(told(answers)).toEqual([]);
});

test('a worker that does not know the name of the master is told', () => {
  expect(told({ worker01: says('192.0.2.11'), worker02: says() })).toEqual([
    'problem lab.names on worker02 [name lava.lab] this host cannot resolve lava.lab, which it has to reach | getent ahosts lava.lab: nothing',
    'add lava.lab to /etc/hosts, fix its name server, or use an address in the inventory',
  ]);
});

test('two workers that take the name for different machines are told', () => {
  expect(told({ worker01: says('192.0.2.11'), worker02: says('203.0.113.9') })).toEqual([
    'warning lab.names on worker02 [name lava.lab] this host resolves lava.lab to another machine than worker01 does | 203.0.113.9; on worker01 192.0.2.11',
    'make /etc/hosts or the name servers of both agree',
  ]);
});

test('who could not be queried for names proves nothing', () => {
  expect(told({ worker01: '', worker02: says('203.0.113.9') })).toEqual([]);
});
