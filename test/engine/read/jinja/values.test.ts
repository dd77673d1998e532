import { describe, expect, test } from 'vitest';
import { Refusal } from '../../../../engine/read/jinja/refusal.ts';
import {
  callable,
  demand,
  floating,
  isDict,
  isFloat,
  isTuple,
  namespace,
  numberOf,
  OMIT,
  settled,
  truth,
  tuple,
  undefinedValue,
} from '../../../../engine/read/jinja/values.ts';

const missing = undefinedValue(() => new Refusal({ code: 'unknown-name', message: 'gone' }));

describe('values', () => {
  test('a float stays one also where it is whole', () => {
    expect([isFloat(floating(2)), numberOf(floating(2)), isFloat(2), isFloat(2.5)]).toEqual([
      true,
      2,
      false,
      true,
    ]);
  });

  test.each([
    [0, false],
    [floating(0), false],
    ['', false],
    ['false', true],
    [[], false],
    [{}, false],
    [{ a: 1 }, true],
    [null, false],
  ])('the truth of %j is %j', (value, wanted) => {
    expect(truth(value)).toBe(wanted);
  });

  test('what is not there is a mistake once it is wanted', () => {
    expect(() => demand(missing)).toThrow('gone');
    expect(() => truth(missing)).toThrow('gone');
    expect(() => demand(OMIT)).toThrow("'omit' leaves a whole key out");
  });

  test('leave the language as plain values', () => {
    expect(settled({ a: floating(2), b: [OMIT, 1], c: OMIT })).toEqual({ a: 2, b: [1] });
    expect(settled(OMIT)).toBeUndefined();
    expect(() => settled([missing])).toThrow('gone');
    expect(() => settled(callable('f', () => 1))).toThrow("'f' is a function");
    expect(() => settled(namespace(new Map()))).toThrow('a namespace is no value');
    const list = [{ a: 1 }];
    expect(settled(list)).toBe(list);
    expect(isTuple(tuple([1]))).toBe(true);
    expect(isDict(OMIT)).toBe(false);
  });

  test('a map that is filled in when somebody looks is not looked at', () => {
    const lazy = Object.defineProperty({}, 'a', {
      enumerable: true,
      get: () => {
        throw new Error('looked at');
      },
    });
    expect(settled({ inner: lazy })).toEqual({ inner: lazy });
  });
});
