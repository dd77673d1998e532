import { createDecipheriv, createHmac, pbkdf2, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

/** A text encrypted by Ansible Vault, taken apart. */
export interface VaultText {
  /** The label of the password, in format 1.2. */
  readonly id: string | undefined;
  readonly salt: Buffer;
  readonly hmac: Buffer;
  readonly ciphertext: Buffer;
}

const HEADER = '$ANSIBLE_VAULT';

/** True for a text that Ansible Vault encrypted. */
export function isVaulted(text: string): boolean {
  return text.startsWith(HEADER);
}

/**
 * Takes a vaulted text apart; a text instead of it says why it cannot be.
 *
 * Formats 1.1 and 1.2: a header, and lines of hexadecimal digits that hold three hexadecimal texts:
 * salt, HMAC and ciphertext (Ansible 2.14, docs "Ansible Vault payload format 1.1 - 1.2").
 */
export function readVaultText(text: string): VaultText | string {
  const [header = '', ...lines] = text.trim().split(/\s*\n\s*/);
  const [, version = '', cipher = '', id] = header.split(';').map((part) => part.trim());
  if (version !== '1.1' && version !== '1.2') {
    return `has the vault format '${version}'; 1.1 and 1.2 are supported`;
  }
  if (cipher !== 'AES256') return `is encrypted with '${cipher}'; AES256 is supported`;
  const payload = fromHex(lines.join(''))?.toString('latin1').split('\n') ?? [];
  const [salt, hmac, ciphertext] = payload.map(fromHex);
  const isWhole = payload.length === 3 && ciphertext && ciphertext.length % 16 === 0;
  if (!salt || hmac?.length !== 32 || !isWhole) return 'is damaged: its lines are not whole';
  return { id: version === '1.2' ? id : undefined, salt, hmac, ciphertext };
}

const derive = promisify(pbkdf2);

/** The bytes behind a vaulted text; nothing where the password is not the one it was made with. */
export async function decryptVaultText(
  { salt, hmac, ciphertext }: VaultText,
  password: string,
): Promise<Buffer | undefined> {
  const keys = await derive(password, salt, 10_000, 80, 'sha256');
  const [cipherKey, hmacKey, counter] = [
    keys.subarray(0, 32),
    keys.subarray(32, 64),
    keys.subarray(64),
  ];
  const found = createHmac('sha256', hmacKey).update(ciphertext).digest();
  if (!timingSafeEqual(found, hmac)) return undefined;
  const decipher = createDecipheriv('aes-256-ctr', cipherKey, counter);
  const padded = Buffer.concat([decipher.update(ciphertext), decipher.final()]);
  return padded.subarray(0, padded.length - (padded.at(-1) ?? 0));
}

function fromHex(text: string): Buffer | undefined {
  const isHex = text.length > 0 && text.length % 2 === 0 && /^[\da-f]+$/i.test(text);
  return isHex ? Buffer.from(text, 'hex') : undefined;
}
