import { describe, expect, test } from 'vitest';
import {
  djangoPasswordMatches,
  scramMatches,
  scramVerifier,
  sha256,
} from '../../../engine/script/digest.ts';

test('sha256 is what sha256sum prints', () => {
  expect(sha256('')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
});

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
  ])('%s is no match', (_, verifier) => {
    expect(scramMatches(verifier, 'db-Passw0rd')).toBe(false);
  });
});

describe("Django's stored passwords", () => {
  /** Made with Django 3.2.25: `make_password('lava-Passw0rd', salt='abcdefghijkl')` and the same with the sha1 hasher. */
  const stored = 'pbkdf2_sha256$260000$abcdefghijkl$fx0W5pyMiwzNj3hxyIRCG59qBRNGcXAZhR3Xv3bh44s=';
  const sha1 = 'pbkdf2_sha1$260000$abcdefghijkl$bGeEK/oyu5M5O0bSmpzHNMmMHv4=';

  test.each([stored, sha1])('%s belongs to its password alone', (each) => {
    expect(djangoPasswordMatches(each, 'lava-Passw0rd')).toBe(true);
    expect(djangoPasswordMatches(each, 'lava-passw0rd')).toBe(false);
    expect(
      djangoPasswordMatches(each.replace('abcdefghijkl', 'abcdefghijkm'), 'lava-Passw0rd'),
    ).toBe(false);
  });

  test('letters beyond ASCII count as UTF-8', () => {
    const other = 'pbkdf2_sha256$260000$abcdefghijkl$Uy0ztTVoM9TD7KLejKnVRtszEZ+gBz86mD6D+aNrQtc=';
    expect(djangoPasswordMatches(other, 'lava-Pässwörd')).toBe(true);
  });

  test.each([
    ['nothing', ''],
    ["the random text that LAVA's migrations give lava-health", '0123456789abcdef0123456789abcdef'],
    ['a mark that there is no password', '!cLvk2wRIUNmsDxVuN8p4g8hLB8rpXlQ1YYUhMVYX'],
    ['so many iterations that nobody means it', stored.replace('260000', '99999999999')],
  ])('%s is no match', (_, each) => {
    expect(djangoPasswordMatches(each, 'lava-Passw0rd')).toBe(false);
  });

  test.each([
    ['argon2', 'argon2$argon2id$v=19$m=102400,t=2,p=8$c2FsdA$aGFzaA'],
    ['no iterations', stored.replace('260000', '0')],
  ])('%s cannot be told', (_, each) => {
    expect(djangoPasswordMatches(each, 'lava-Passw0rd')).toBeUndefined();
  });
});
