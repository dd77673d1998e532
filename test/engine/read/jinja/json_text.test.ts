import { expect, test } from 'vitest';
import { jsonText } from '../../../../engine/read/jinja/json_text.ts';
import { floating } from '../../../../engine/read/jinja/values.ts';

test('is what Python writes', () => {
  const value = { b: [floating(1), null, true], a: 'ü"\n', e: [], f: {} };
  expect(jsonText(value, { indent: 0, sorts: false, isAscii: true })).toBe(
    '{"b": [1.0, null, true], "a": "\\u00fc\\"\\n", "e": [], "f": {}}',
  );
  expect(jsonText({ b: [1], a: 'ü' }, { indent: 2, sorts: true, isAscii: false })).toBe(
    '{\n  "a": "ü",\n  "b": [\n    1\n  ]\n}',
  );
});

test('a value within itself is refused', () => {
  const loop: Record<string, unknown> = {};
  loop.again = loop;
  expect(() => jsonText(loop, { indent: 0, sorts: false, isAscii: true })).toThrow(
    'contains itself',
  );
});
