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
    ['none == none', true],
    ['name', true],
    ['list and port', true],
    ['nothing | default(false)', false],
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
    ["vars['odd-name'] == 1", true],
    ['port | int > 5', true],
    ['port > -1.5', true],
  ])('%s is %s', (text, wanted) => {
    expect(ask(text)).toBe(wanted);
  });

  test.each([
    ['nam == "x"', "1:5 unknown-name 'nam' is not defined here | did you mean 'name'?"],
    ['lava.layuot == "x"', "1:5 unknown-name 'lava' has no 'layuot' | did you mean 'layout'?"],
    ['on and constructor', "1:12 unknown-name 'constructor' is not defined here"],
    [
      'name < 5',
      '1:5 wrong-type \'<\' compares two numbers or two texts, not the text "w1" and the number 5 | compare two numbers or two texts: name | int < 5, name | string',
    ],
    ['1 in port', "1:5 wrong-type 'in' searches a list, a map or a text, not the number 5432"],
    ['{{ on }}', '1:5 bad-condition a condition is written without braces | write on'],
    [
      "'{{ name }}' == 1",
      '1:6 bad-condition a condition is written without braces | write name == 1',
    ],
    [
      "name == 'x-{{ port }}.y'",
      "1:16 bad-condition a condition is written without braces | write name == 'x-' ~ port ~ '.y'",
    ],
    [
      'odd-name == 1',
      "1:5 bad-condition 'odd-name' is a subtraction here, not a name with a dash | write vars['odd-name'], or put spaces around the minus",
    ],
    [
      'lava.odd-name == 1',
      "1:5 bad-condition 'lava.odd-name' is a subtraction here, not a name with a dash | write lava['odd-name'], or put spaces around the minus",
    ],
    [
      'port == 010',
      "1:13 bad-condition 010 is no number: a leading zero means octal to some, nothing to others | write 10, or '010' for a text",
    ],
    [
      'on == 1',
      "1:5 wrong-type true is compared with the number 1: true and 1 are the same to Ansible | compare with true or false, or ask for 'name' alone",
    ],
    ['none == null', "1:13 unknown-name 'null' is not defined here | write none"],
    [
      'lava.items == 1',
      "1:5 bad-condition '.items' is a method of a map and comes before its keys | call it: .items()",
    ],
    ['port = 5', "1:10 bad-condition a single '=' is not a comparison | write '=='"],
    ['on && on', "1:8 bad-condition '&&' is not supported | write 'and'"],
    ['!on', "1:5 bad-condition '!' is not supported | write 'not'"],
    ["name == 'w1", '1:13 bad-condition this quote is never closed'],
    ['name ==', '1:12 bad-condition the expression ends here: expected a value'],
    ['on on', "1:8 bad-condition unexpected 'on': expected an operator, 'and', 'or' or the end"],
    ['(on', "1:8 bad-condition the expression ends here: expected ')'"],
    ['on and and', "1:12 bad-condition unexpected 'and': expected a value"],
    [
      'name is empty',
      "1:13 bad-condition there is no test 'empty' | docs/playbooks.md lists the tests",
    ],
    ['name in [1', "1:15 bad-condition the expression ends here: expected ']'"],
    ['port $ 5', "1:10 bad-condition '$' is not supported in an expression"],
    ['', '1:4 bad-condition the expression ends here: expected a value'],
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
