import { createHash } from 'node:crypto';

/** The sha256 of a text or bytes in hexadecimal, as `sha256sum` prints it. */
export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/** The sha1 of a text or bytes in hexadecimal, as `sha1sum` prints it: what Ansible calls a checksum. */
export function sha1(content: string | Uint8Array): string {
  return createHash('sha1').update(content).digest('hex');
}
