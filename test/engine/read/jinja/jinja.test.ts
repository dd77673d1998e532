import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { InvalidInput } from '../../../../engine/contract/errors.ts';
import { evaluateCondition } from '../../../../engine/read/expression/condition.ts';
import { renderJinja } from '../../../../engine/read/expression/jinja_text.ts';
import { renderText } from '../../../../engine/read/expression/template.ts';
import type { Scope } from '../../../../engine/values/values.ts';

type Row = readonly [text: string, answer: { readonly is?: unknown; readonly refused?: true }];

function read(name: string): unknown {
  return JSON.parse(readFileSync(join(import.meta.dirname, 'ansible', name), 'utf8'));
}

const { variables } = read('rows.json') as { readonly variables: Scope };
const answers = read('answers.json') as Readonly<
  Record<'conditions' | 'values' | 'templates', readonly Row[]>
>;

/** Traps and words whose results Ansible gives, and which are refused here with their place. */
const REFUSED_HERE: ReadonlySet<string> = new Set([
  'true == 1',
  "'{{ name }}' == 'w1'",
  'odd.items',
  'name if no_flag',
]);

/** What Ansible cannot read, and is taken here. */
const TAKEN_HERE: Readonly<Record<string, unknown>> = { 'name if yes_flag else missing': true };

function check([text, answer]: Row, act: () => unknown): void {
  if (Object.hasOwn(TAKEN_HERE, text)) expect(act()).toEqual(TAKEN_HERE[text]);
  else if (answer.refused || REFUSED_HERE.has(text)) expect(act).toThrow(InvalidInput);
  else expect(act()).toEqual(answer.is === '__omit__' ? undefined : answer.is);
}

test('the table is the one that ansible-core of Debian 12 answered', () => {
  const rows = Object.values(answers).filter(Array.isArray).flat();
  expect(rows.length).toBeGreaterThan(350);
  expect(read('answers.json')).toMatchObject({ ansible: expect.stringMatching(/^2\.14\./) });
});

describe('Ansible and lava-play agree on', () => {
  test.each(answers.conditions)('the condition %s', (...row) => {
    check(row, () => evaluateCondition(row[0], variables, undefined));
  });
  test.each(answers.values)('the expression %s', (...row) => {
    check(row, () => plain(renderText(`{{ ${row[0]} }}`, variables, undefined).value));
  });
  test.each(answers.templates)('the template %j', (...row) => {
    check(row, () => renderJinja(row[0], variables, { file: '/nowhere/x.j2' }));
  });
});

/** Maps without a prototype are equal to those of JSON. */
function plain(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}
