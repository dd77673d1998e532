import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';

/** The sha256 of a text or bytes in hexadecimal, as `sha256sum` prints it. */
export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/** How often PostgreSQL hashes a password unless told (`scram_iterations`). */
const SCRAM_ITERATIONS = 4096;

/** More than this is no verifier that anybody made in good faith, and would keep the controller busy. */
const SCRAM_MOST_ITERATIONS = 1_000_000;

/**
 * What PostgreSQL stores instead of a password, so that the password itself need not travel.
 *
 * The salt comes from user and password, so that the same input gives the same verifier, and is as
 * slow to compute as the verifier, so that it is no shortcut for guessing. Form: PostgreSQL
 * documentation, pg_authid; RFC 5802. Passwords are plain ASCII, which SASLprep leaves as it is.
 */
export function scramVerifier(user: string, password: string): string {
  const salt = pbkdf2Sync(password, `lava-play ${user}`, SCRAM_ITERATIONS, 16, 'sha256');
  return scram(password, salt, SCRAM_ITERATIONS);
}

/** Whether a stored verifier is that of a password; one made by md5 never is. */
export function scramMatches(verifier: string, password: string): boolean {
  const [, iterations = '', salt = ''] =
    /^SCRAM-SHA-256\$(\d+):([A-Za-z0-9+/=]+)\$/.exec(verifier) ?? [];
  const count = Number(iterations);
  if (count < 1 || count > SCRAM_MOST_ITERATIONS) return false;
  return verifier === scram(password, Buffer.from(salt, 'base64'), count);
}

/** More is no hash that anybody made in good faith, and would keep the controller busy. */
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

function scram(password: string, salt: Buffer, iterations: number): string {
  const salted = pbkdf2Sync(password, salt, iterations, 32, 'sha256');
  const clientKey = createHmac('sha256', salted).update('Client Key').digest();
  const storedKey = createHash('sha256').update(clientKey).digest('base64');
  const serverKey = createHmac('sha256', salted).update('Server Key').digest('base64');
  return `SCRAM-SHA-256$${iterations}:${salt.toString('base64')}$${storedKey}:${serverKey}`;
}
