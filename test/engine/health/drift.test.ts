import { expect, test } from 'vitest';
import type { HostCode } from '../../../engine/contract/codes.ts';
import { HostError } from '../../../engine/contract/errors.ts';
import type { Found } from '../../../engine/health/causes.ts';
import { driftFindings } from '../../../engine/health/drift.ts';
import type { Drift, HostResults } from '../../../engine/health/host_results.ts';
import type { PlannedChange } from '../../../engine/plan/plan.ts';

function change(
  id: string,
  [before, after]: readonly [string, string],
  labels?: readonly [string, string],
): PlannedChange {
  return {
    task: { label: 'LAVA', module: { name: 'lava_server' } },
    resource: { id },
    change: { before, after, steps: [], ...(labels && { labels }) },
  } as unknown as PlannedChange;
}

function plan({
  changes = [],
  deferred = [],
  pending = [],
  owed = [],
}: {
  readonly changes?: readonly PlannedChange[];
  readonly deferred?: readonly object[];
  readonly pending?: readonly object[];
  readonly owed?: readonly string[];
}): Drift {
  const ledger = { pendingHandlers: owed.map((id) => ({ id })), unreadable: [], format: 1 };
  return { plan: { changes, deferred, pending, ledger } } as unknown as Drift;
}

function told(drift: Drift, found: readonly Partial<Found>[] = []): readonly Found[] {
  const all = found.map((each) => ({
    ...{ host: 'm', check: 'host.units', severity: 'problem', what: '', evidence: '', fix: '' },
    ...each,
  })) as readonly Found[];
  return driftFindings({ host: { name: 'm' }, drift } as unknown as HostResults, all);
}

const FILE = change('file /etc/a', ['x: 1\ny: 2\n', '# ours\nx: 3\ny: 2\n']);

test('all that differs on a host is one finding, with a line for each', () => {
  expect(told(plan({}))).toEqual([]);
  expect(
    told(
      plan({
        changes: [
          FILE,
          change('file /etc/b', ['', 'x\n'], ['missing', '0644 root:root']),
          change('directory /c', ['', ''], ['0755 root:root', '0700 root:root']),
          change('file /etc/d', [`${'s'.repeat(200)}\n`, '']),
          change('package e', ['', '']),
        ],
        owed: ['restart apache2.service'],
        pending: [{ task: { label: 'boards' }, reason: 'no tables yet' }],
      }),
    ),
  ).toEqual([
    {
      ...{ host: 'm', check: 'host.drift', subject: 'drift', severity: 'warning' },
      breaks: { kinds: [], ends: 'from' },
      what: 'this host differs from the inventory in 6 places',
      evidence: [
        'file /etc/a: -x: 1 +x: 3',
        'file /etc/b: missing -> 0644 root:root',
        'directory /c: 0755 root:root -> 0700 root:root',
        'file /etc/d: -a long line',
        'package e',
        'restart apache2.service: pending since an earlier run',
      ].join('\n'),
      fix: 'lava-play plan shows the difference, and lava-play apply removes it',
    },
  ]);
});

test('many are counted', () => {
  const changes = Array.from({ length: 20 }, (_, i) => change(`file /etc/${i}`, ['a', 'b']));
  const [finding] = told(plan({ changes }));
  expect(finding?.evidence.split('\n')).toHaveLength(13);
  expect(finding?.evidence).toMatch(/and 8 more$/);
});

test('what waits for somebody, or cannot be known yet, is a note', () => {
  const [waits] = told(plan({ deferred: [{ ...FILE, reason: 'job 7 runs' }] }));
  expect(waits).toMatchObject({
    severity: 'note',
    what: 'this host differs from the inventory',
    evidence: 'file /etc/a: -x: 1 +x: 3; it waits: job 7 runs',
  });
  const pending = [{ task: { label: 'boards' }, reason: 'no tables yet' }];
  expect(told(plan({ pending }))).toMatchObject([{ severity: 'note' }]);
  expect(told(plan({ pending }), [{}])).toEqual([]);
  expect(told(plan({ pending }), [{ host: 'w' }])).toEqual([]);
});

test.each<[string, Partial<Found>, boolean]>([
  ['about the same thing', { subject: 'file /etc/a' }, true],
  ['that names it', { evidence: '/etc/a: no such file' }, true],
  [
    'of the same module, mended by an apply',
    { check: 'lava_server.x', fix: 'lava-play apply' },
    true,
  ],
  [
    'of the same module about another host',
    { check: 'lava_server.x', host: 'w', fix: 'lava-play apply' },
    false,
  ],
  [
    'of the same module about the host it is named after',
    { check: 'lava_server.x', host: 'a', fix: 'lava-play apply' },
    true,
  ],
  ['that names something longer', { evidence: '/etc/a.d/b and x/etc/a: no such file' }, false],
  ['that is a note', { evidence: '/etc/a: no such file', severity: 'note' }, false],
  ['of the same module that is a problem', { check: 'lava_server.x', fix: 'look there' }, true],
  [
    'of the same module that is none',
    { check: 'lava_server.x', fix: 'look there', severity: 'warning' },
    false,
  ],
  [
    'of the same module about a way that does not work',
    { check: 'lava_server.x', fix: 'look there', isTried: true },
    false,
  ],
  ['of another host', { host: 'w', evidence: '/etc/a: no such file' }, false],
])('what is told by a finding %s is not said again: %s', (_, finding, isTold) => {
  expect(told(plan({ changes: [FILE] }), [finding])).toHaveLength(isTold ? 0 : 1);
});

test.each<[HostCode, string]>([
  ['module-refused', 'problem'],
  ['timeout', 'note'],
])(
  'a host that cannot be compared (%s) is a %s, unless something else is wrong with it',
  (code, severity) => {
    const failure = new HostError('failed', code, 'no way', { host: 'm', resource: 'mount /x' });
    expect(told({ failure })).toMatchObject([
      {
        severity,
        what: 'this host cannot be compared with the inventory',
        evidence: 'mount /x: no way',
      },
    ]);
    expect(told({ failure }, [{}])).toEqual([]);
    expect(told({ failure }, [{ severity: 'warning' }])).toHaveLength(1);
    const bare = new HostError('failed', code, 'no way', { host: 'm', hint: 'go there' });
    expect(told({ failure: bare })).toMatchObject([{ evidence: 'no way', fix: 'go there' }]);
  },
);

test('what differs is a guess at why something of the same module does not work', () => {
  const tried = (check: string): Partial<Found> => ({
    ...{ check, isTried: true, towards: { kind: 'lava_api', host: 'm' } },
  });
  const changes = [FILE];
  expect(told(plan({ changes }), [tried('lava_server.lava_api')])).toMatchObject([
    { severity: 'problem', breaks: { kinds: ['lava_api'], ends: 'from', at: 'm' } },
  ]);
  const unit = [change('unit a.service', ['', ''])];
  expect(told(plan({ changes: unit }), [tried('lava_server.lava_api')])).toEqual([]);
  expect(told(plan({ changes }), [tried('proxy.lava_api')])).toMatchObject([
    { severity: 'warning' },
  ]);
});

test('what follows from a difference that it names does not hide it', () => {
  const late = (evidence: string): Partial<Found> => ({
    ...{ evidence, severity: 'warning', towards: { kind: 'drift', host: '127.0.0.1' } },
  });
  const kinds = (evidence: string) =>
    told(plan({ changes: [FILE] }), [late(evidence)])[0]?.breaks?.kinds;
  expect(kinds('/etc/a was written 5 s ago')).toEqual(['drift']);
  expect(kinds('/etc/b was written 5 s ago')).toEqual([]);
});
