import { describe, expect, test } from 'vitest';
import { explained, type Found, type TargetOf } from '../../../engine/health/causes.ts';
import { labWith } from '../../support/health.ts';

const lab = labWith({ db: [], master: [], worker01: [], worker02: [] });

const targetOf: TargetOf = (end, from) =>
  end.host === '127.0.0.1'
    ? from
    : Object.values(lab.hosts).find(({ address, name }) => [address, name].includes(end.host))
        ?.name;

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
  return explained(all, targetOf).map(({ host, check, alsoSeen }) =>
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

  test('address explains nothing that leads to another', () => {
    const breaks = { kinds: ['postgres'], ends: 'from', at: '127.0.0.1' } as const;
    expect(
      told([
        found('worker01', 'tunnel', { breaks }),
        found('worker01', 'near', { towards: { kind: 'postgres', host: '127.0.0.1' } }),
        found('worker01', 'far', { towards: towardsDb }),
      ]),
    ).toEqual(['worker01 tunnel < worker01', 'worker01 far']);
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

test('a way that was tried explains what is concluded of the same way only', () => {
  const on = (host: string) => ({ kind: 'server', host });
  expect(
    told([
      found('worker01', 'trial', { towards: on('master'), isTried: true }),
      found('worker01', 'mount', { towards: on('192.0.2.11') }),
      found('worker01', 'other mount', { towards: on('db') }),
    ]),
  ).toEqual(['worker01 trial < worker01', 'worker01 other mount']);
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

test('what is felt as a problem is one', () => {
  const cause = (severity: Found['severity']) =>
    explained(
      [
        found('db', 'cause', { severity, breaks: { kinds: ['postgres'] } }),
        found('worker01', 'login', { towards: towardsDb }),
      ],
      targetOf,
    ).map((each) => each.severity);
  expect(cause('warning')).toEqual(['problem']);
  expect(cause('note')).toEqual(['note']);
});
