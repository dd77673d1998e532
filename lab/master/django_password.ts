import { pbkdf2Sync } from 'node:crypto';

/** More is not a hash that anybody made in good faith, and would keep the controller busy. */
const DJANGO_MOST_ITERATIONS = 5_000_000;

/**
 * Whether a stored password of Django is that of a password; nothing when it was stored in a way that cannot be told.
 *
 * Form: `pbkdf2_sha256$ITERATIONS$SALT$HASH`; what begins with "!" or has no "$" lets nobody in (Django 3.2
 * documentation, "How Django stores passwords").
 */
export function djangoPasswordMatches(stored: string, password: string): boolean | undefined {
  if (stored.startsWith('!') || !stored.includes('$')) return false;
  const [, digest = '', iterations = '', salt = '', hash = ''] =
    /^pbkdf2_(sha256|sha1)\$(\d+)\$([^$]+)\$([A-Za-z0-9+/]+={0,2})$/.exec(stored) ?? [];
  const count = Number(iterations);
  if (count < 1) return undefined;
  if (count > DJANGO_MOST_ITERATIONS) return false;
  const length = Buffer.from(hash, 'base64').length;
  return pbkdf2Sync(password, salt, count, length, digest).toString('base64') === hash;
}
