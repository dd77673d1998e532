import { expect, test } from 'vitest';
import type { Schema } from '../../../../engine/contract/schema.ts';
import { schemaFlaw } from '../../../../engine/read/schema/schema_flaw.ts';
import { sample } from '../../../support/lab_files.ts';

test('a schema that values can be checked against has no flaw', () => {
  expect(schemaFlaw(sample.schema)).toBeUndefined();
});

test.each([
  ['properties.one', { type: 'object', properties: { one: { type: 'int' } } }],
  ['items', { type: 'array', items: { type: 'int' } }],
  ['additionalProperties', { type: 'object', additionalProperties: { type: 'int' } }],
  ['anyOf[1]', { anyOf: [{ type: 'string' }, { type: 'int' }] }],
  ['items.properties.a', { type: 'array', items: { properties: { a: { type: 'int' } } } }],
])('a flaw in %s is found there', (path, schema) => {
  expect(schemaFlaw(schema as unknown as Schema)).toMatch(
    new RegExp(`^schema\\.${path.replaceAll(/[[\]]/g, '\\$&')}\\.type is one of .*"int"`),
  );
});
