import type { Fact } from '../../engine/sdk.ts';
import { SSH_FOLDER } from './key_place.ts';

/** Public keys by the path of the private one; nothing for a file of which ssh-keygen can make none. */
export type KeysOfHost = ReadonlyMap<string, string | undefined>;

/** The SSH keys that a host has, by their public halves: what is private never leaves it. */
export const hostKeys: Fact<KeysOfHost> = {
  probe: [
    `for file in ${SSH_FOLDER}/id_* /root/.ssh/id_*; do`,
    '  case $file in *.pub) continue ;; esac',
    '  [ -f "$file" ] || continue',
    `  key=$(ssh-keygen -y -P '' -f "$file" 2>/dev/null) || key=unreadable`,
    `  printf '%s %s\\n' "$file" "$key"`,
    'done',
  ].join('\n'),
  parse: (output) =>
    new Map(
      [...output.matchAll(/^(\/\S+) (.*)$/gm)].map(([, path = '', key = '']) => [
        path,
        publicKeyIn(key),
      ]),
    ),
};

/** Type and key of a public key's line, without comment and options; nothing when there is none. */
export function publicKeyIn(line: string): string | undefined {
  return /\b((?:ssh|ecdsa|sk)-[\w@.-]+ AAAA[\w+/]+=*)/.exec(line)?.[1];
}
