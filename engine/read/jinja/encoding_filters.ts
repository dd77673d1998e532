import { createHash, getHashes } from 'node:crypto';
import { bound } from './bound_arguments.ts';
import { textOf } from './python_text.ts';
import { wrongType } from './refusal.ts';
import type { Filter } from './tools.ts';

/** Ansible's name space for `to_uuid` (ansible-core 2.14, plugins/filter/core.py). */
const UUID_NAMESPACE = '361e6d51faec444a9079341386da8e2e';

function hashed(name: string, text: string): string {
  if (!getHashes().includes(name))
    throw wrongType(`there is no hash '${name}'`, 'for example sha256');
  return createHash(name).update(text).digest('hex');
}

/** Filters that encode texts. */
export const encodingFilters: Readonly<Record<string, Filter>> = {
  b64encode: (input) => Buffer.from(textOf(input)).toString('base64'),
  b64decode(input) {
    const text = textOf(input);
    if (!/^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(text)) throw wrongType('this is not Base64');
    const bytes = Buffer.from(text, 'base64');
    const decoded = bytes.toString('utf8');
    if (Buffer.from(decoded).equals(bytes)) return decoded;
    throw wrongType('what this decodes to is not UTF-8 text');
  },
  hash: (input, args) =>
    hashed(bound(args, 'hashtype').optionalText('hashtype', 'sha1'), textOf(input)),
  sha1: (input) => hashed('sha1', textOf(input)),
  checksum: (input) => hashed('sha1', textOf(input)),
  md5: (input) => hashed('md5', textOf(input)),
  to_uuid(input) {
    const bytes = createHash('sha1')
      .update(Buffer.from(UUID_NAMESPACE, 'hex'))
      .update(textOf(input))
      .digest();
    bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x50;
    bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
    return bytes
      .toString('hex', 0, 16)
      .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  },
};
