import { describe, expect, test } from 'vitest';
import type { Diagnostic } from '../../../../engine/contract/errors.ts';
import { aroundPlay } from '../../../../engine/read/playbook/around.ts';
import { knownValue } from '../../../../engine/read/playbook/known_values.ts';
import { secretRef } from '../../../../engine/values/values.ts';

const place = { file: 'p.yml', line: 3, column: 1, length: 1, text: '{{ nme }}' };
const around = {
  ...aroundPlay({
    playVars: { a: 'play', b: '{{ a }}-{{ c }}', s: secretRef('x') },
    playbookFolder: '',
    chain: [],
  }),
  roleVars: [{ a: 'role' }],
  blockVars: [{ c: 'block' }],
  params: [{ a: 'param' }],
};

describe('a value that the reading depends on', () => {
  test.each([
    ['plain', 'plain'],
    ['{{ a }}', 'param'],
    ['{{ b }}.yml', 'param-block.yml'],
    [
      ['{{ c }}', 1],
      ['block', 1],
    ],
    [undefined, undefined],
  ])('%j is %j', (value, wanted) => {
    const errors: Diagnostic[] = [];
    expect(knownValue(value, place, around, { errors, hint: 'h' })).toEqual(wanted);
    expect(errors).toEqual([]);
  });

  test.each([
    ['{{ nme }}', 'unknown-name'],
    ['{{ s }}', 'unknown-name'],
    ['{{ a', 'bad-template'],
  ])('%j is a mistake with what to do instead', (value, code) => {
    const errors: Diagnostic[] = [];
    expect(knownValue(value, place, around, { errors, hint: 'h' })).toBeUndefined();
    expect(errors).toMatchObject([{ code, hint: 'h' }]);
  });
});
