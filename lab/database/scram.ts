import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';

/** How often PostgreSQL hashes a password unless set (`scram_iterations`). */
const SCRAM_ITERATIONS = 4096;

/** More than this is not a verifier that anybody made in good faith, and would keep the controller busy. */
const SCRAM_MOST_ITERATIONS = 1_000_000;

/**
 * What PostgreSQL stores instead of a password, so that the password itself need not travel.
 *
 * The salt comes from user and password, so that the same input gives the same verifier, and is as
 * slow to compute as the verifier, so that it is not a shortcut for guessing. Form: PostgreSQL
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

function scram(password: string, salt: Buffer, iterations: number): string {
  const salted = pbkdf2Sync(password, salt, iterations, 32, 'sha256');
  const clientKey = createHmac('sha256', salted).update('Client Key').digest();
  const storedKey = createHash('sha256').update(clientKey).digest('base64');
  const serverKey = createHmac('sha256', salted).update('Server Key').digest('base64');
  return `SCRAM-SHA-256$${iterations}:${salt.toString('base64')}$${storedKey}:${serverKey}`;
}
