import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Event } from '../../engine/events/event.ts';
import { eventually } from '../support/eventually.ts';
import { eventsOf, lavaPlay, ofType, startLavaPlay } from '../support/program.ts';
import { type EmbeddedLab, startEmbeddedLab } from './embedded_lab.ts';
import { addSickWorker, type SickHost, type Sickness } from './sick_hosts.ts';

/** Little enough that what a host sends without end would end the process, were it kept. */
const SMALL = { env: { NODE_OPTIONS: '--max-old-space-size=160' } };
const SOON = 'probe_timeout: 5, connect_timeout: 3';
/** On a busy machine a flood takes its time to pass the bound of bytes. */
const LATE = 'probe_timeout: 600';
const GOOD = ['lava-db', 'lava-master', 'worker01', 'worker02'];

let lab: EmbeddedLab;
const sick = new Map<Sickness, SickHost>();

beforeEach(async () => {
  lab = await startEmbeddedLab({ workers: 2 });
});
afterEach(async () => {
  await Promise.all([...sick.values()].map((host) => host.stop()));
  sick.clear();
  await lab?.stop();
});

async function add(sickness: Sickness, settings = ''): Promise<SickHost> {
  const host = await addSickWorker(lab, sickness, settings);
  sick.set(sickness, host);
  return host;
}

function outcomes(events: readonly Event[]): Readonly<Record<string, string>> {
  const hosts = ofType(events, 'run-finished')[0]?.hosts ?? [];
  return Object.fromEntries(hosts.map(({ host, outcome }) => [host, outcome]));
}

function codes(events: readonly Event[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    ofType(events, 'host-failed').map(({ host, failure }) => [host, failure.code]),
  );
}

function all(outcome: string): Readonly<Record<string, string>> {
  return Object.fromEntries(GOOD.map((host) => [host, outcome]));
}

describe('among hosts that flood, drip, lie and hang', () => {
  beforeEach(async () => {
    for (const sickness of ['endless', 'muttering'] as const) await add(sickness, LATE);
    for (const sickness of ['dripping', 'lying', 'dead'] as const) await add(sickness, SOON);
  });

  test('plan, apply and check end, each sick host fails by itself, and the good ones are done', async () => {
    const failed = {
      endless: 'too-much-output',
      muttering: 'too-much-output',
      dripping: 'timeout',
      lying: expect.any(String),
      dead: 'not-ssh',
    };
    const sickEnds = {
      endless: 'failed',
      muttering: 'failed',
      dripping: 'failed',
      lying: 'failed',
      dead: 'unreachable',
    };
    const plan = await lavaPlay(['plan', lab.inventoryFile, '--json'], SMALL);
    const planned = eventsOf(plan.stdout);
    expect(plan.stderr).toBe('');
    expect(codes(planned)).toEqual(failed);
    expect(outcomes(planned)).toEqual({ ...all('would change'), ...sickEnds });

    const apply = await lavaPlay(['apply', lab.inventoryFile, '--json'], SMALL);
    const applied = eventsOf(apply.stdout);
    expect(apply.stderr).toBe('');
    expect(codes(applied)).toEqual(failed);
    expect(outcomes(applied)).toEqual({ ...all('changed'), ...sickEnds });

    const check = await lavaPlay(['check', lab.inventoryFile, '--json'], SMALL);
    expect(check.stderr).toBe('');
    const { hosts } = JSON.parse(check.stdout) as {
      hosts: readonly { host: string; findings: readonly unknown[]; state: string }[];
    };
    const states = new Map(hosts.map((host) => [host.host, host]));
    expect(states.get('dead')?.state).toBe('unreachable');
    for (const name of ['endless', 'muttering', 'dripping'])
      expect(states.get(name)?.findings.length).toBeGreaterThan(0);
  });
});

describe('the first signal', () => {
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    test(`${signal} ends a plan that waits for a host`, async () => {
      const dripping = await add('dripping');
      const run = startLavaPlay(['plan', lab.inventoryFile, '--json']);
      await eventually(() => expect(dripping.isAsked()).toBe(true));
      run.signal(signal);
      const { code, stdout } = await run.ended;
      expect(code).toBe(130);
      expect(outcomes(eventsOf(stdout))).toMatchObject({ dripping: 'interrupted' });
    });
  }

  test('ends a plan that connects to a host that says nothing', async () => {
    const dead = await add('dead', 'connect_timeout: 3600');
    const run = startLavaPlay(['plan', lab.inventoryFile, '--json']);
    await eventually(() => expect(dead.isAsked()).toBe(true));
    run.signal('SIGTERM');
    expect((await run.ended).code).toBe(130);
  });

  test('ends a check that waits for a host', async () => {
    const dripping = await add('dripping');
    const run = startLavaPlay(['check', lab.inventoryFile, '--json']);
    await eventually(() => expect(dripping.isAsked()).toBe(true));
    run.signal('SIGTERM');
    expect((await run.ended).code).toBe(130);
  });
});
