import { describe, expect, test } from 'vitest';
import { refusalOf, worth } from '../../../support/jinja_expression.ts';

class Later extends Error {}

describe('evaluating', () => {
  test('looks only at what is asked for', () => {
    const scope = Object.defineProperties({ hosts: {} } as Record<string, unknown>, {
      later: {
        enumerable: true,
        get: () => {
          throw new Later('known once the host answers');
        },
      },
    });
    expect(worth('1 if true else later', scope)).toBe(1);
    expect(worth('later is defined or true', { later: 1 })).toBe(true);
    expect(() => worth("later | default('x')", scope)).toThrow(Later);
    expect(() => worth('[1] | map("add", later)', scope)).toThrow(Later);
  });

  test('of ten thousand hosts takes the one that is named', () => {
    let looked = 0;
    const hosts = Object.create(null);
    for (let index = 0; index < 10_000; index += 1) {
      const get = () => {
        looked += 1;
        return { address: index };
      };
      Object.defineProperty(hosts, `w${index}`, { enumerable: true, get });
    }
    expect(worth("hostvars['w77'].address", { hostvars: hosts })).toBe(77);
    expect(looked).toBe(1);
  });

  test.each([
    ['a.b.c == 1', "a | 'a' is not defined here"],
    ["'a'.constructor", `'a'.constructor | the text "a" has no 'constructor'`],
    ["{}['__proto__']", "{}['__proto__'] | a map has no '__proto__'"],
    ["'a' | uper", "uper | there is no filter 'uper' | did you mean 'upper'?"],
    ["'a' is strng", "strng | there is no test 'strng' | did you mean 'string'?"],
    ["1('x')", 'nothing'],
    ['range(1000000)', 'range(1000000) | range gives 100000 numbers at most'],
    ['range(9)()', 'range(9)() | a list is not a function'],
    ['-[1]', '-[1] | a sign needs a number after it, not a list'],
    [
      "'a' if false",
      "'a' if false | this 'if' has no 'else', and its condition is false | write … if … else ''",
    ],
    [
      "'abc' | password_hash",
      "'abc' | password_hash | the filter 'password_hash' is not available",
    ],
  ])('%s is refused', (text, wanted) => {
    if (wanted === 'nothing') expect(refusalOf(text)).toContain('is not a function');
    else expect(refusalOf(text).startsWith(wanted)).toBe(true);
  });

  test('a secret that is not known yet stays unknown', () => {
    const scope = { secret: '‹secret x›' };
    expect(worth('secret | b64encode', scope)).toBe('‹secret x›');
    expect(worth("secret | hash('sha256')", scope)).toBe('‹secret x›');
    expect(worth('secret | from_json', scope)).toBe('‹secret x›');
  });

  test('ends: steps are counted', () => {
    expect(refusalOf('x', () => worth('range(100000) | product(range(100000)) | list'))).toContain(
      'this takes too many steps',
    );
  });
});
