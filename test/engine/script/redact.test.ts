import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Event } from '../../../engine/events/event.ts';
import { redacting } from '../../../engine/events/redacting.ts';
import { MASK } from '../../../engine/script/mask.ts';
import { redacted, redactor } from '../../../engine/script/redact.ts';
import { isGuessable } from '../../../engine/values/sensitive.ts';

describe('the mask for secrets', () => {
  test.each([
    ['as it is', (secret: string) => secret],
    ['in JSON', (secret: string) => JSON.stringify({ value: secret })],
    ['in a URL', (secret: string) => `postgres://u:${encodeURIComponent(secret)}@db`],
    ['in base64', (secret: string) => Buffer.from(secret).toString('base64')],
    ['in shell quotes', (secret: string) => `'${secret.replaceAll("'", `'\\''`)}'`],
    ['in SQL quotes', (secret: string) => `'${secret.replaceAll("'", "''")}'`],
  ])('covers a secret %s', (_name, spell) => {
    const secret = `it's "a/b" 100% \\ sécret`;
    expect(spell(secret).length).toBeGreaterThan(10);
    const masked = redactor([secret])(`before ${spell(secret)} after`);
    expect(masked).toContain(MASK);
    expect(masked).not.toMatch(/cret|c%C3/);
    expect(masked).toMatch(/^before .* after$/);
  });

  test('covers every line of a private key, also in a diff', () => {
    const key =
      '-----BEGIN KEY-----\nMIIEowIBAAKCAQEA1234567890\nabcdefghijklmnop==\n-----END KEY-----\n';
    const diff = key.replace(/^/gm, '+');
    expect(redactor([key])(diff)).not.toMatch(/MIIE|abcdefgh/);
  });

  test('masks the longer of two secrets of which one begins the other', () => {
    expect(redactor(['pass1', 'pass1word'])('pass1word pass1')).toBe(`${MASK} ${MASK}`);
  });

  test.each(['lava', 'Secret', '123456', 'ADMIN'])('leaves the plain word %s alone', (secret) => {
    expect(redactor([secret])(`a ${secret} b`)).toBe(`a ${secret} b`);
  });

  test.each(['!Kq2', 'lava2', 'correcthorse', '12345678'])('hides %s', (secret) => {
    expect(redactor([secret])(`a ${secret} b`)).toBe(`a ${MASK} b`);
  });

  test('reaches every text of an event and leaves the rest alone', () => {
    const seen: Event[] = [];
    const report = redacting((event) => seen.push(event), redactor(['hunter22']));
    report({
      type: 'host-failed',
      host: 'db',
      failure: {
        kind: 'failed',
        code: 'unexpected',
        message: 'a hunter22',
        output: 'b hunter22 c',
      },
    });
    expect(seen).toEqual([
      {
        type: 'host-failed',
        host: 'db',
        failure: {
          kind: 'failed',
          code: 'unexpected',
          message: `a ${MASK}`,
          output: `b ${MASK} c`,
        },
      },
    ]);
  });

  test('no secret of any content survives', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 4, unit: 'binary' }), (secret) => {
        const masked = redactor([secret])(`<${secret}|${JSON.stringify(secret)}>`);
        return !masked.includes(secret) || MASK.includes(secret) || isGuessable(secret);
      }),
    );
  });
});

test('what a getter gives is masked, and not asked for before somebody looks', () => {
  let asked = 0;
  const value = {
    get text() {
      asked += 1;
      return 'a correct horse';
    },
  };
  const masked = redacted(value, redactor(['correct horse']));
  expect(asked).toBe(0);
  expect(masked.text).toBe(`a ${MASK}`);
  expect(JSON.stringify(masked)).toBe(JSON.stringify({ text: `a ${MASK}` }));
});
