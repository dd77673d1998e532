import { expect, test } from 'vitest';
import type { Schema } from '../../../../engine/contract/schema.ts';
import { uncheckable, validator } from '../../../../engine/read/schema/compiled_schema.ts';

test('a schema is compiled once, and then checks values', () => {
  const schema: Schema = { type: 'integer', minimum: 1 };
  const validate = validator(schema);
  expect(validator(schema)).toBe(validate);
  expect([validate(1), validate(0), validate('1')]).toEqual([true, false, false]);
});

test('what cannot be compiled is told with the key behind which it stands', () => {
  expect(uncheckable({ type: 'string' })).toBeUndefined();
  expect(uncheckable({ type: 'string', pattern: '(' })?.key).toBe('.pattern');
  expect(uncheckable({ type: 'strin' } as unknown as Schema)?.key).toBe('.type');
});
