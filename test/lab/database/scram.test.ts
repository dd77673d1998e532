import { describe, expect, test } from 'vitest';
import { scramMatches, scramVerifier } from '../../../lab/database/scram.ts';

describe("PostgreSQL's password verifiers", () => {
  const stored =
    'SCRAM-SHA-256$4096:MDEyMzQ1Njc4OWFiY2RlZg==$ROQFZk6FusaQCsfon/KFYgb6iqRvD63ITl3rr/Yu07Q=:yo3v7RmMeccxULqQj0UKVVnNHyPWv9jH/54uEs8wyvg=';

  test('one belongs to its password alone', () => {
    expect(scramMatches(stored, 'db-Passw0rd')).toBe(true);
    expect(scramMatches(stored, 'db-passw0rd')).toBe(false);
    expect(scramMatches(stored.replace(':yo3v', ':AAAA'), 'db-Passw0rd')).toBe(false);
  });

  test('ours is the same every time, matches, and differs by user and password', () => {
    const ours = scramVerifier('lavaserver', 'db-Passw0rd');
    expect(scramVerifier('lavaserver', 'db-Passw0rd')).toBe(ours);
    expect(scramMatches(ours, 'db-Passw0rd')).toBe(true);
    expect(scramVerifier('other', 'db-Passw0rd')).not.toBe(ours);
    expect(scramVerifier('lavaserver', 'db-Passw0rd2')).not.toBe(ours);
  });

  test.each([
    ['md5', 'md558c98e9a4dd6b2e8b3d55ba9bd3b9c0f'],
    ['nothing', ''],
    ['so many iterations that nobody means it', stored.replace('4096', '99999999999')],
  ])('%s is not a match', (_, verifier) => {
    expect(scramMatches(verifier, 'db-Passw0rd')).toBe(false);
  });
});
