import { expect, test } from 'vitest';
import { unitEscaped, unitName } from '../../../engine/resources/unit_name.ts';

test('a unit without a suffix is a service', () => {
  expect(unitName('ser2net')).toBe('ser2net.service');
  expect(unitName('srv-x.mount')).toBe('srv-x.mount');
  expect(unitName('a.b')).toBe('a.b.service');
});

test.each([
  ['imx8mp-01', 'imx8mp\\x2d01'],
  ['rpi4.b', 'rpi4.b'],
  ['.hidden', '\\x2ehidden'],
  ['srv/lava share', 'srv-lava\\x20share'],
  ['ä', '\\xc3\\xa4'],
])('%s is escaped as systemd-escape does', (word, escaped) => {
  expect(unitEscaped(word)).toBe(escaped);
});
