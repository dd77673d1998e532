import { expect, test } from 'vitest';
import { printed } from '../../../engine/cases/answers.ts';
import type { CaseFile } from '../../../engine/cases/case_file.ts';
import { outcome } from '../../../engine/cases/outcome.ts';
import { defineModule, file, flawsOf, printText, Refused } from '../../../engine/sdk.ts';

const wanted = file({ path: '/etc/wanted', content: 'right\n' });

const module = defineModule({
  name: 'figures',
  summary: 'a file',
  schema: { type: 'object', additionalProperties: false, properties: {} },
  example: '{}\n',
  facts: { kind: { probe: 'echo', parse: (output: string) => output.trim() } },
  desired({ facts }) {
    if (facts.kind === '') throw new Refused('nobody knows of which kind');
    const packed = (text: string): string => `{ ${printText(text)}} | sh\n`;
    const step = { title: 'write it', script: packed(`first "${btoa('deep'.repeat(20))}"\n`) };
    const change = { before: '', after: 'right\n', steps: [step] };
    return [{ ...wanted, change: () => change }];
  },
  health: () => [
    flawsOf(wanted, { id: 'figures.file', otherwise: { what: 'it is wrong', fix: 'fix it' } }),
  ],
});

/** What comes of a case with these parts, which expects these. */
function look(parts: Partial<CaseFile>): CaseFile['expect'] {
  const lab = { here: {} };
  const none = {
    args: {},
    facts: {},
    states: {},
    files: {},
    held: {},
    controller: {},
    answers: {},
  };
  return outcome(module as never, {
    summary: '',
    host: 'here',
    lab,
    expect: {},
    ...none,
    ...parts,
  });
}

test('lines of an answer are put together of words', () => {
  const lines = ['one', ['two', { base64: 'three\n' }, 4]];
  expect(printed({ lines })).toBe('one\ntwo dGhyZWUK 4\n');
  expect(printed({ lines: 'text', more: { base64: 'x' } })).toBe('{"lines":"text","more":"eA=="}');
});

test('a case is about health alone when it knows and expects nothing else', () => {
  const answers = { 'figures.file': 'missing\n' };
  const findings = [{ id: 'figures.file', severity: 'problem', what: 'it is wrong' }];
  const refusal = { error: 'nobody knows of which kind' };
  const expected = { findings } as CaseFile['expect'];
  expect(look({ answers })).toEqual({ findings });
  expect(look({ answers, expect: expected })).toEqual({ findings });
  expect(look({ answers, expect: { ...expected, diff: '' } })).toEqual(refusal);
  expect(look({ answers, facts: { kind: 'x' } })).toEqual({ findings });
  expect(look({ answers, facts: { kind: '' }, expect: expected })).toEqual(refusal);
});

test.each(['| sh', 'first', 'deepdeep'])('%j is seen in a script, however it is packed', (text) => {
  const step = { title: 'write it', contains: text };
  const parts = { facts: { kind: 'x' }, files: { '/etc/wanted': null } };
  expect(look({ ...parts, expect: { steps: [step] } })).toEqual({ steps: [step] });
});

test('where a script does not hold a text, all that it holds is shown', () => {
  const steps = [{ title: 'write it', contains: 'deeper' }];
  const parts = { facts: { kind: 'x' }, files: { '/etc/wanted': null } };
  const seen = look({ ...parts, expect: { steps } }).steps?.[0];
  expect(seen).toMatchObject({
    contains: expect.stringMatching(/\| sh[\s\S]*first[\s\S]*deepdeep/),
  });
});

test('files of the controller and what register keeps are part of a case', () => {
  const copied = defineModule({
    ...{ name: 'copied', summary: 'a file of the controller', example: '{}\n' },
    schema: { type: 'object', additionalProperties: false, properties: {} },
    files: () => [{ kind: 'tree', path: 'tree' }],
    desired: ({ files }) =>
      Object.entries(files).map(([path, { bytes, mode }]) =>
        file({ path: `/${path}`, content: bytes, mode }),
      ),
  });
  const parts = {
    ...{ summary: '', host: 'here', lab: { here: {} }, args: {}, facts: {}, states: {} },
    ...{ answers: {}, files: { '/tree/a': 'old\n' } },
    held: {},
    controller: { 'tree/a': { base64: 'AAE=', mode: '0755' } },
  };
  const seen = outcome(copied as never, { ...parts, expect: { diff: '', results: {} } });
  expect(seen.diff).toContain('-old\n+binary, 2 bytes\n');
  expect(seen.results).toMatchObject({ 'file /tree/a': { size: 4, mode: '0644' } });
  expect(() =>
    outcome(copied as never, { ...parts, held: {}, controller: { other: '' }, expect: {} }),
  ).toThrow('no file called other');
});
