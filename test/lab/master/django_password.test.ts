import { describe, expect, test } from 'vitest';
import { djangoPasswordMatches } from '../../../lab/master/django_password.ts';

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
    ['a password that somebody has locked', `!${stored}`],
    ['so many iterations that nobody means it', stored.replace('260000', '99999999999')],
  ])('%s is not a match', (_, each) => {
    expect(djangoPasswordMatches(each, 'lava-Passw0rd')).toBe(false);
  });

  test.each([
    ['argon2', 'argon2$argon2id$v=19$m=102400,t=2,p=8$c2FsdA$aGFzaA'],
    ['no iterations', stored.replace('260000', '0')],
  ])('%s cannot be told', (_, each) => {
    expect(djangoPasswordMatches(each, 'lava-Passw0rd')).toBeUndefined();
  });
});
