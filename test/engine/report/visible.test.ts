import fc from 'fast-check';
import { expect, test } from 'vitest';
import { visible, visibleJson, visibly } from '../../../engine/report/visible.ts';

test('what a terminal would obey is shown as it is written in JavaScript', () => {
  expect(visible('\x1b[2J \x9b1A \x07\x7f\r\0')).toBe('\\x1b[2J \\x9b1A \\x07\\x7f\\r\\x00');
  expect(visible('\u202eabc\u2066\u200b\ufeff\u{e0041}')).toBe(
    '\\u202eabc\\u2066\\u200b\\ufeff\\u{e0041}',
  );
});

test('texts of people stay as they are, with their lines and tabs', () => {
  const text = 'Prüfstand 3:\t„läuft“\n日本 ✓ 👩‍🔧\n';
  expect(visible(text)).toBe(text);
});

test('no text has a control left, and none is changed twice', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const shown = visible(text);
      expect(shown).not.toMatch(/[^\P{Cc}\n\t]|[\u202a-\u202e\u2066-\u2069]/u);
      expect(visible(shown)).toBe(shown);
    }),
  );
});

test('every text of a value is made visible, at any depth', () => {
  expect(visibly({ a: ['\x1b'], b: { c: '\u202e' }, d: 1 })).toEqual({
    a: ['\\x1b'],
    b: { c: '\\u202e' },
    d: 1,
  });
});

test('JSON reads back as it was, and has no control in it', () => {
  const value = { text: '\x1b[2J\x9b\u202e\u{e0041}ü\n' };
  const json = visibleJson(value);
  expect(JSON.parse(json)).toEqual(value);
  expect(visible(json)).toBe(json);
});
