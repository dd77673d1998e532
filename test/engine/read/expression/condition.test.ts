import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InvalidInput } from '../../../../engine/contract/errors.ts';
import { holds, parseCondition } from '../../../../engine/read/expression/condition.ts';
import { parseYaml } from '../../../../engine/read/yaml/yaml.ts';
import { placeOf } from '../../../../engine/values/places.ts';
import { linesOf, mistakesOf } from '../../../support/lab_files.ts';

const scope = {
  name: 'w1',
  port: 5432,
  on: true,
  off: false,
  none: null,
  list: ['a', 'b'],
  lava: { layout: 'debian', db: { port: 5432 } },
  'odd-name': 1,
};

function ask(text: string): boolean {
  return holds(parseCondition(text, undefined), scope, undefined);
}

async function mistakes(text: string): Promise<readonly string[]> {
  const quote = text.includes('"') ? "'" : '"';
  const { value } = parseYaml(`a: ${quote}${text}${quote}`, 'x.yaml');
  const place = placeOf(value, 'a');
  return linesOf(await mistakesOf(() => holds(parseCondition(text, place), scope, place)));
}

describe('conditions', () => {
  test.each([
    ['true', true],
    ['True', true],
    ['false', false],
    ['on', true],
    ['not on', false],
    ['not not on', true],
    ['name == "w1"', true],
    ["name != 'w1'", false],
    ['port == 5432', true],
    ['port == "5432"', false],
    ['port >= 5432 and port < 6000', true],
    ['lava.db.port > 5432', false],
    ['none == null', true],
    ['off or on and off', false],
    ['(off or on) and on', true],
    ['not off and on', true],
    ['"a" in list', true],
    ['"c" not in list', true],
    ['name in ["w1", "w2"]', true],
    ['name in []', false],
    ['"layout" in lava', true],
    ['"ebi" in lava.layout', true],
    ['not name in list', true],
    ['lava.db is defined', true],
    ['lava.none is defined', false],
    ['nothing is not defined', true],
    ['nothing.at.all is defined and nothing.at.all', false],
    ['list == ["a", "b"]', true],
    ['odd-name == 1', true],
    ['port > -1.5', true],
  ])('%s is %s', (text, wanted) => {
    expect(ask(text)).toBe(wanted);
  });

  test.each([
    ['nam == "x"', "1:5 unknown-name 'nam' is not defined here | did you mean 'name'?"],
    ['lava.layuot == "x"', "1:5 unknown-name 'lava' has no 'layuot' | did you mean 'layout'?"],
    ['on and constructor', "1:12 unknown-name 'constructor' is not defined here"],
    [
      'name',
      '1:5 wrong-type a condition must be true or false, not the text "w1" | compare it: name == "value", or ask: name is defined',
    ],
    [
      'on and port',
      '1:12 wrong-type a condition must be true or false, not the number 5432 | compare it: name == "value", or ask: name is defined',
    ],
    ['name < 5', '1:5 wrong-type \'<\' compares two numbers, not the text "w1" and the number 5'],
    ['1 in port', "1:5 wrong-type 'in' searches a list, a map or a text, not the number 5432"],
    [
      '{{ on }}',
      '1:5 bad-condition a condition is written without braces | write the name alone: name == "x"',
    ],
    [
      'port | int > 5',
      "1:10 bad-condition Jinja filters are not supported in a condition | for a name that may be missing, ask 'name is defined'",
    ],
    ['port = 5', "1:10 bad-condition a single '=' is not a comparison | write '=='"],
    ['on && on', "1:8 bad-condition '&&' is not supported | write 'and'"],
    ['!on', "1:5 bad-condition '!' is not supported | write 'not'"],
    ["name == 'w1", '1:13 bad-condition this quote is never closed'],
    ['name ==', '1:12 bad-condition the condition ends here: expected a value'],
    ['on on', "1:8 bad-condition unexpected 'on': expected 'and', 'or' or the end"],
    ['(on', "1:8 bad-condition the condition ends here: expected ')'"],
    ['on and and', "1:12 bad-condition unexpected 'and': expected a value"],
    ['"x" is defined', "1:5 bad-condition 'is defined' needs a name before it"],
    ['name is empty', "1:13 bad-condition unexpected 'empty': expected 'defined'"],
    ['name in [1', "1:15 bad-condition the condition ends here: expected ']'"],
    ['port $ 5', "1:10 bad-condition '$' is not supported in a condition"],
    ['', '1:4 bad-condition the condition ends here: expected a value'],
  ])('%s is refused with its place', async (text, wanted) => {
    expect((await mistakes(text)).map((line) => line.replaceAll('\\', ''))).toEqual([wanted]);
  });

  test('that are any text at all are answered or refused, and never throw otherwise', () => {
    const word = fc.constantFrom(
      'on',
      'off',
      'port',
      'and',
      'or',
      'not',
      'in',
      'is',
      'defined',
      '==',
      '<',
      '(',
      ')',
      '[',
      ']',
      ',',
      '"x"',
      '5',
      'x.y',
    );
    const text = fc.oneof(
      fc.string(),
      fc.array(word, { maxLength: 12 }).map((all) => all.join(' ')),
    );
    fc.assert(
      fc.property(text, (condition) => {
        try {
          expect(typeof ask(condition)).toBe('boolean');
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidInput);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
