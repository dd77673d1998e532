import { describe, expect, test } from 'vitest';
import { explained, type Found } from '../../../engine/health/causes.ts';
import { labWith } from '../../support/health.ts';

const lab = labWith({ db: [], master: [], worker01: [], worker02: [] });

function found(host: string, check: string, more: Partial<Found> = {}): Found {
  return {
    host,
    check,
    severity: 'problem',
    what: check,
    evidence: `${host} says`,
    fix: '',
    ...more,
  };
}

const towardsDb = { kind: 'postgres', host: '192.0.2.10' } as const;

/** What is told, and by whom each is felt. */
function told(all: readonly Found[]): readonly string[] {
  return explained(all, lab).map(({ host, check, alsoSeen }) =>
    [`${host} ${check}`, ...alsoSeen.map((other) => other.host)].join(' < '),
  );
}

test('what breaks a way is told with all who feel it', () => {
  expect(
    told([
      found('db', 'cluster', { breaks: { kinds: ['postgres'] } }),
      found('worker01', 'login', { towards: towardsDb, isTried: true }),
      found('worker02', 'login', { towards: { ...towardsDb, host: 'db' } }),
      found('worker02', 'ssh', { towards: { kind: 'tcp', host: 'db' } }),
    ]),
  ).toEqual(['db cluster < worker01 < worker02', 'worker02 ssh']);
});

describe('a way that is broken for one', () => {
  test('host explains nothing of another', () => {
    expect(
      told([
        found('db', 'client', { breaks: { kinds: ['postgres'], only: 'worker01' } }),
        found('worker01', 'login', { towards: towardsDb }),
        found('worker02', 'login', { towards: towardsDb }),
      ]),
    ).toEqual(['db client < worker01', 'worker02 login']);
  });

  test('part explains nothing of another', () => {
    const jobs = (part: string) => ({ kind: 'jobs', host: 'worker01', part });
    expect(
      told([
        found('worker01', 'adapter', { breaks: { kinds: ['jobs'], ends: 'from', part: 'a' } }),
        found('worker01', 'job of a', { towards: jobs('a') }),
        found('worker01', 'job of b', { towards: jobs('b') }),
      ]),
    ).toEqual(['worker01 adapter < worker01', 'worker01 job of b']);
  });

  test('end explains those that begin there', () => {
    expect(
      told([
        found('worker01', 'tunnel', { breaks: { kinds: ['postgres'], ends: 'from' } }),
        found('worker01', 'login', { towards: towardsDb }),
        found('worker02', 'login', { towards: towardsDb }),
      ]),
    ).toEqual(['worker01 tunnel < worker01', 'worker02 login']);
  });
});

test('a host that cannot be reached explains all that leads there, and all of its own', () => {
  expect(
    told([
      found('db', 'host.reachable'),
      found('worker01', 'login', { towards: towardsDb, isTried: true }),
      found('db', 'mount', { towards: { kind: 'sftp', host: 'master' } }),
    ]),
  ).toEqual(['db host.reachable < worker01 < db']);
});

test('a cause of a cause is told alone, and two that explain each other both', () => {
  const on = (host: string) => ({ kind: 'tcp', host });
  expect(
    told([
      found('db', 'a', { breaks: { kinds: ['tcp'] } }),
      found('master', 'b', { breaks: { kinds: ['tcp'] }, towards: on('db') }),
      found('worker01', 'c', { towards: on('master') }),
    ]),
  ).toEqual(['db a < master < worker01']);
  expect(
    told([
      found('db', 'a', { breaks: { kinds: ['tcp'] }, towards: on('master') }),
      found('master', 'b', { breaks: { kinds: ['tcp'] }, towards: on('db') }),
    ]),
  ).toEqual(['db a', 'master b']);
});
