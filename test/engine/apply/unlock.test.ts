import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { unlockHosts } from '../../../engine/apply/unlock.ts';
import { HostError } from '../../../engine/contract/errors.ts';
import type { Event } from '../../../engine/events/event.ts';
import { localInventory } from '../../support/local_inventory.ts';
import { type PrivateRoot, privateRoot } from '../../support/private_root.ts';
import { privateSession } from '../../support/private_session.ts';

const EVE = Buffer.from('eve@laptop since then (lava-play apply)').toString('base64');

function lockOf({ folder }: PrivateRoot): string {
  return join(folder, 'run/lava-play.lock');
}

/** Unlocks hosts of these names, each with a root of its own; `away` cannot be reached. */
async function unlock(roots: Readonly<Record<string, PrivateRoot>>, stop = new AbortController()) {
  const events: Event[] = [];
  const endings = await unlockHosts({
    hosts: [...localInventory(Object.keys(roots)).hosts.values()],
    forks: 5,
    async connect({ name }) {
      const root = roots[name];
      if (name !== 'away' && root) return privateSession(root, name);
      throw new HostError('unreachable', 'no-route', 'no route', { host: name });
    },
    report: (event) => events.push(event),
    stop: stop.signal,
    operator: { name: 'adam@desk', command: 'lava-play unlock' },
    stacks: 'hidden',
  });
  return { events, endings: Object.fromEntries(endings) };
}

test('a stale lock goes, with its holder named; where there is none, nothing happens', async () => {
  const [stale, free] = [privateRoot(), privateRoot()];
  symlinkSync(`999999999:5:${EVE}`, lockOf(stale));
  const { events, endings } = await unlock({ stale, free });
  expect(events).toContainEqual({
    type: 'host-unlocked',
    host: 'stale',
    found: 'stale lock',
    holder: 'eve@laptop since then (lava-play apply)',
    pid: 999999999,
    seconds: expect.any(Number),
  });
  expect(events).toContainEqual({ type: 'host-unlocked', host: 'free', found: 'no lock' });
  expect(endings).toEqual({ stale: 'changed', free: 'unchanged' });
  for (const root of [stale, free]) expect(readdirSync(join(root.folder, 'run'))).toEqual([]);
});

test('the lock of a process that lives stays, and how that is known is said', async () => {
  const root = privateRoot();
  const holder = spawn('sleep', ['1000']);
  onTestFinished(() => void holder.kill());
  const stat = readFileSync(`/proc/${holder.pid}/stat`, 'utf8').replace(/^.*\) /, '');
  symlinkSync(`${holder.pid}:${stat.split(' ')[19]}:${EVE}`, lockOf(root));
  const { events, endings } = await unlock({ held: root, away: privateRoot() });
  const failures = events.flatMap((event) => (event.type === 'host-failed' ? [event] : []));
  expect(failures.find(({ host }) => host === 'held')?.failure).toMatchObject({
    code: 'locked',
    message: expect.stringMatching(
      `eve@laptop .*process ${holder.pid} there, for .* The lock stays: process ${holder.pid} is running on the host, with the start time that the lock names`,
    ),
    hint: expect.stringContaining('lava-play unlock held'),
  });
  expect(endings).toEqual({ held: 'failed', away: 'unreachable' });
  expect(readdirSync(join(root.folder, 'run'))).toEqual(['lava-play.lock']);
});

test('what is no lock is left alone, and a stop leaves hosts as they are', async () => {
  const root = privateRoot();
  symlinkSync('.', lockOf(root));
  const { endings } = await unlock({ other: root });
  expect(endings).toEqual({ other: 'failed' });
  const stop = new AbortController();
  stop.abort();
  expect((await unlock({ other: root }, stop)).endings).toEqual({ other: 'interrupted' });
  expect(readdirSync(join(root.folder, 'run'))).toEqual(['lava-play.lock']);
});
