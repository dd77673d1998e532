import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { batch } from '../../../engine/script/batch.ts';
import {
  entryOf,
  entryText,
  type Ledger,
  ledgerProbe,
  parseLedger,
} from '../../../engine/script/ledger.ts';
import { type PrivateRoot, privateRoot } from '../../support/private_root.ts';

const SINCE = 'eve@laptop since yesterday';
const restart = { id: 'restart a', script: 'true' };

function ledger(root: PrivateRoot): Ledger {
  const { script, split } = batch([{ script: ledgerProbe }]);
  return parseLedger(split(root.run(script))[0]?.output ?? '');
}

/** A host with these files among its pending handlers. */
function owing(entries: Readonly<Record<string, string | Buffer>>): PrivateRoot {
  const root = privateRoot();
  const folder = join(root.folder, 'var/lib/lava-play/owed');
  mkdirSync(folder, { recursive: true });
  for (const [name, content] of Object.entries(entries)) writeFileSync(join(folder, name), content);
  return root;
}

/** What a run writes down of a handler. */
function entry(handler: Parameters<typeof entryText>[0]): Readonly<Record<string, string>> {
  return { [entryOf(handler.id)]: `${entryText(handler, SINCE)}\n` };
}

test('a host that no run has touched owes nothing, and nobody holds it', () => {
  expect(ledger(privateRoot())).toEqual({
    ...{ pendingHandlers: [], unreadable: [], lockedBy: undefined, format: 0 },
  });
});

test('what a run writes down of a handler is read as it was, whatever its words', () => {
  const handlers = [
    restart,
    { id: `restart ${'x'.repeat(300)} ä\n'`, script: 'echo \'a\'\necho "$b"' },
    { id: 'reload', script: 'true', covers: ['a', 'b'], first: true as const },
  ];
  const root = owing(Object.assign({}, ...handlers.map(entry)));
  const byId = new Map(ledger(root).pendingHandlers.map((each) => [each.id, each]));
  for (const handler of handlers)
    expect(byId.get(handler.id)).toEqual({ ...handler, since: SINCE, entry: entryOf(handler.id) });
});

test.each([
  ['nothing', '', /empty/],
  ['half of it', 'eyJpZCI6InJlc3Rhc', /does not name a handler/],
  ['other JSON', Buffer.from('[1]').toString('base64'), /does not name a handler/],
  ['no script', Buffer.from('{"id":"restart a"}').toString('base64'), /does not name a handler/],
  [
    'any bytes',
    Buffer.from([0, 10, 255, 27, 10, 111, 119, 101, 100, 32, 120]),
    /does not name a handler/,
  ],
  ['a flood', 'A'.repeat(1_000_000), /does not name a handler/],
])('names an owed entry that holds %s, and reads the others', (_, content, reason) => {
  const root = owing({ ...entry(restart), broken: content });
  const { pendingHandlers, unreadable } = ledger(root);
  expect(pendingHandlers).toMatchObject([restart]);
  expect(unreadable).toEqual([
    {
      file: join(root.folder, 'var/lib/lava-play/owed/broken'),
      reason: expect.stringMatching(reason),
    },
  ]);
});

test('names an owed entry by a name that no run gives, and prints it harmlessly', () => {
  const { pendingHandlers, unreadable } = ledger(
    owing({ 'a b\n$(id)': entryText(restart, SINCE) }),
  );
  expect(pendingHandlers).toEqual([]);
  expect(unreadable).toMatchObject([
    {
      file: expect.stringMatching(/\/owed\/a\?b\?\?\?id\?$/),
      reason: 'unexpected file name',
    },
  ]);
});

test('reads two hundred entries at a time, and passes over what is no file', () => {
  const many = Array.from({ length: 201 }, (_, i) => entry({ id: `restart ${i}`, script: '' }));
  const root = owing(Object.assign({}, ...many));
  mkdirSync(join(root.folder, 'var/lib/lava-play/owed/0-folder'));
  const { pendingHandlers, unreadable } = ledger(root);
  expect([pendingHandlers.length, unreadable]).toEqual([200, []]);
});

test('what is odd in an entry beside its script harms nothing', () => {
  const odd = { ...restart, covers: ['reload a', 7], first: 'yes', since: 7 };
  const text = Buffer.from(JSON.stringify(odd)).toString('base64');
  expect(parseLedger(`owed x ${text} /folder`).pendingHandlers).toEqual([
    { ...restart, covers: ['reload a'], since: 'somebody', entry: 'x' },
  ]);
});

test('names the holder of the lock, dead or alive, and the form of what is kept', () => {
  const root = owing({});
  const holder = Buffer.from('admin@laptop since now').toString('base64');
  symlinkSync(`999999999:5:${holder}`, join(root.folder, 'run/lava-play.lock'));
  writeFileSync(join(root.folder, 'var/lib/lava-play/format'), '12\nand more');
  expect(ledger(root)).toMatchObject({ lockedBy: 'admin@laptop since now', format: 12 });
});

test('reads any owed entry without an error', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.json(), (name, json) => {
      const text = Buffer.from(json).toString('base64');
      parseLedger(`owed ${name} ${text} /folder\nlock ${name}\nformat ${name}\nowed\n${name}`);
    }),
  );
});
