import { type LabAnswers, type LabFact, Refused } from '../../engine/sdk.ts';

/** The public host keys of an SSH server, read on the host itself: `ssh-ed25519 AAAA…`. */
export type HostKeys = readonly string[];

/** What `hostKeysOf` reads. */
const PROBE =
  'for key in /etc/ssh/ssh_host_*_key.pub; do if [ -f "$key" ]; then cat -- "$key"; fi; done';

/** The host keys of the hosts of a group; they come over connections whose keys the engine has checked. */
export function hostKeysOf(group: string): LabFact<HostKeys> {
  return {
    of: group,
    probe: PROBE,
    parse: (output) => output.match(/^(?:ssh|ecdsa|sk)-\S+ [A-Za-z0-9+/]+=*/gm) ?? [],
  };
}

/**
 * The text of a known_hosts file with the keys of one server, under an alias.
 *
 * A server that could not be asked keeps the keys that were pinned before.
 */
export function pinnedKeys(
  server: string,
  alias: string,
  answers: LabAnswers<HostKeys>,
): (now: string) => string {
  const keys = answers[server];
  return (now) => {
    if (keys && keys.length > 0) return keys.map((key) => `${alias} ${key}\n`).join('');
    if (keys === undefined && now.startsWith(`${alias} `)) return now;
    throw new Refused(
      keys
        ? `${server} has no SSH host keys in /etc/ssh`
        : `the host keys of ${server} are not known: it could not be queried`,
      `apply again when ${server} can be reached`,
    );
  };
}
