import { sha256 } from '../../engine/sdk.ts';

/** Letters of an account's name (useradd(8), Debian 12). */
const LONGEST = 32;

/** Of a digest as many letters as tell accounts apart. */
const DIGEST = 8;

/**
 * As whom a worker logs in to a share: `lavashare-worker01`.
 *
 * No two shares and workers have one name. A short worker's name without `-` and `_` follows the last `-`, so both
 * can be read out of it; any other account ends with `_` and a digest, which no such name has.
 */
export function workerAccount(share: string, worker: string): string {
  const plain = `${share}-${worker}`;
  if (/^[a-z0-9]+$/.test(worker) && plain.length <= LONGEST) return plain;
  const readable = plain.toLowerCase().replace(/[^a-z0-9_-]/g, '-');
  const digest = sha256(`${share}\n${worker}`).slice(0, DIGEST);
  return `${readable.slice(0, LONGEST - DIGEST - 1)}_${digest}`;
}
