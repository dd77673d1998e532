import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isJinjaName, type JinjaValue, jinjaSet } from '../../../lab/board/jinja.ts';
import { anyText, hasJinja, python, some } from '../../support/jinja.ts';

const value: fc.Arbitrary<JinjaValue> = fc.letrec<{ value: JinjaValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    anyText,
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number || 0),
    fc.boolean(),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(anyText, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
})).value;

describe.skipIf(!hasJinja)('a variable of a device dictionary', () => {
  test('has in Jinja the value that the inventory gives it, whatever it is', () => {
    const values = some(value);
    const templates = values.map((each) => jinjaSet('x', each));
    expect(templates.filter((each) => each.includes('\n'))).toEqual([]);
    expect(
      python('answer(lambda text: environment.from_string(text).module.x)', templates),
    ).toEqual(values);
  });

  test('may have every name that is said to be one', () => {
    const names = [
      ...some(fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,5}$/)),
      ...'true none not and is loop class lambda import set block filter'.split(' '),
    ].filter(isJinjaName);
    const templates = names.map((name) => jinjaSet(name, 1));
    const set = 'list(vars(environment.from_string(text).module).values())';
    expect(python(`answer(lambda text: ${set})`, templates).length).toBe(names.length);
    expect(names).toContain('class');
    expect(names).not.toContain('not');
  });
});
