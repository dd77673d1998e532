import { expect, test } from 'vitest';
import type { LabHealth } from '../../../engine/contract/finding.ts';
import type { ChangeView, Event } from '../../../engine/events/event.ts';
import { driftIn } from '../../../lab/page/drift.ts';
import { html, trusted } from '../../../lab/page/html.ts';
import { labPage } from '../../../lab/page/page.ts';
import { labStatus } from '../../../lab/status/lab_status.ts';
import { type ExampleLab, exampleFinding, exampleLab } from '../../support/lab_health.ts';

function page({ health, lab }: ExampleLab, more: Partial<Parameters<typeof labPage>[0]> = {}) {
  return labPage({ status: labStatus(health, lab), drift: [], refresh: undefined, ...more });
}

test('what comes from elsewhere is text, also in attributes', () => {
  const evil = `"><script>alert('&')</script>`;
  expect(html`<a title="${evil}">${evil}</a>`.html).toBe(
    '<a title="&#34;&#62;&#60;script&#62;alert(&#39;&#38;&#39;)&#60;/script&#62;">&#34;&#62;&#60;script&#62;alert(&#39;&#38;&#39;)&#60;/script&#62;</a>',
  );
  expect(html`${[1, undefined, false, html`<b>${'<'}</b>`, trusted('<i>')]}`.html).toBe(
    '1<b>&#60;</b><i>',
  );
});

test('no name, evidence or diff gets into the page as HTML', () => {
  const evil = '<img src=x onerror=alert(1)>';
  const { health, lab } = exampleLab(3);
  const hosts = health.hosts.map((host) => ({
    ...host,
    things: host.things.map((thing) => ({ ...thing, state: evil, details: { [evil]: evil } })),
    findings: [
      exampleFinding(host.host, {
        ...{ what: evil, evidence: evil, fix: evil },
        alsoSeen: [{ host: evil, evidence: evil }],
      }),
    ],
  }));
  const sick: LabHealth = { ...health, inventory: `${evil}.yaml`, hosts };
  const drift = [
    { host: evil, changes: [{ resource: evil, diff: evil }], open: [evil], failure: evil },
  ];
  const text = page({ health: sick, lab }, { drift });
  expect(text).not.toContain('<img');
  expect(text.split('&#60;img').length).toBeGreaterThan(20);
});

test('everybody is on the page, and nothing is fetched from elsewhere', () => {
  const text = page(exampleLab(30));
  for (const name of ['lava-db', 'lava-master', 'worker01', 'worker02', 'worker03']) {
    expect(text).toContain(`id="host-${name}"`);
  }
  expect(text.match(/<tr /g)).toHaveLength(30);
  expect(text).not.toMatch(/(src|href)="(?!#|data:,)/);
  expect(text).not.toContain('http-equiv="refresh"');
  expect(page(exampleLab(3), { refresh: 60 })).toContain('http-equiv="refresh" content="60"');
});

test('a page of 300 boards is below a megabyte', () => {
  expect(Buffer.byteLength(page(exampleLab(300)))).toBeLessThan(1_000_000);
});

test.each([
  ['kernel-lab.yaml', 'kernel-lab'],
  ['/srv/labs/boards/inventory.yaml', 'boards'],
  ['inventory.yml', 'inventory'],
])('%s is the lab %s', (inventory, name) => {
  const { health, lab } = exampleLab(3);
  const text = page({ health: { ...health, inventory }, lab });
  expect(text).toContain(`<h1>${name}</h1>`);
});

test('drift that was not looked at is told from none', () => {
  expect(page(exampleLab(3))).toContain('Every host is as the inventory says.');
  expect(page(exampleLab(3), { drift: undefined })).toContain('No plan was made.');
});

test('drift is read out of the events of a plan', () => {
  const change: ChangeView = {
    ...{ task: 'ser2net', resource: 'file /etc/x', before: 'a\n', after: 'b\n' },
    ...{ labels: ['old', 'new'], diff: '-a\n+b\n', steps: [], handlers: [] },
  };
  const none = { changes: [], pending: [], deferred: [], warnings: [], pendingHandlers: [] };
  const planned = (host: string, more: object): Event => ({
    ...{ type: 'host-planned', host, round: 0, ...none },
    ...more,
  });
  const failure = {
    kind: 'unreachable',
    code: 'connection-refused',
    message: 'w3: refused',
  } as const;
  expect(
    driftIn([
      planned('w1', { changes: [change], deferred: [{ ...change, reason: 'in use' }] }),
      planned('w2', {}),
      { type: 'host-failed', host: 'w3', failure },
      planned('w4', {
        pending: [{ task: 'ser2net', reason: 'not installed yet' }],
        pendingHandlers: ['restart x'],
      }),
    ]),
  ).toEqual([
    {
      ...{ host: 'w1', failure: undefined, open: ['file /etc/x: in use'] },
      changes: [{ resource: 'file /etc/x', diff: '-a\n+b\n' }],
    },
    { host: 'w3', changes: [], open: [], failure: 'w3: refused' },
    {
      ...{ host: 'w4', changes: [], failure: undefined },
      open: ['ser2net: not installed yet', 'restart x'],
    },
  ]);
});
