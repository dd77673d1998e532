import { absent, type Fact, type LabFact, type Resource, sh } from '../../engine/sdk.ts';
import { ACCOUNT } from '../master/master_python.ts';
import { RECEIVER } from './receiver.ts';

/** The keys of the workers' heartbeats by the worker's name; secrets: mask them wherever they are shown. */
export const heartbeatKeys: LabFact<ReadonlyMap<string, string>> = {
  of: 'master',
  probe: `cd ${RECEIVER.keys} 2>/dev/null && for f in *; do
  if [ -f "$f" ] && [ ! -L "$f" ]; then printf '%s %s\\n' "$f" "$(head -c 200 "$f")"; fi
done
:`,
  parse: (output) =>
    new Map(
      [...output.matchAll(/^(\S+) ([0-9a-f]{64})$/gm)].map(([, name = '', key = '']) => [
        name,
        key,
      ]),
    ),
};

/** Whose keys there are; their text stays on the master. */
export const keyNames: Fact<readonly string[]> = {
  probe: `ls ${RECEIVER.keys} 2>/dev/null || :`,
  parse: (output) => output.split('\n').filter((name) => name !== ''),
};

/** Attributes and size of a key file; nothing when it is missing. */
type KeyState = string | undefined;

const RIGHT = `640 root ${ACCOUNT} 65 regular file`;

/**
 * The key by which the receiver knows the reports of one worker, made on the master and shown to nobody.
 *
 * One that is not as it was made may have been read, and is replaced: the worker gets the new one in the same run.
 */
export function heartbeatKey(worker: string): Resource<KeyState> {
  const path = `${RECEIVER.keys}/${worker}`;
  return {
    id: `heartbeat key of ${worker}`,
    probe: sh`stat -c '%a %U %G %s %F' ${path} 2>/dev/null || :`,
    parse: (output) => (output.trim() === '' ? undefined : output.trim()),
    change(now) {
      if (now === RIGHT) return undefined;
      return {
        before: now === undefined ? '' : `${now}\n`,
        after: 'made on the master\n',
        labels: [now === undefined ? 'missing' : '', `0640 root:${ACCOUNT}`],
        steps: [{ title: `make the heartbeat key of ${worker}`, script: generation(path) }],
        next: RIGHT,
      };
    },
  };
}

/** Keys of workers that the inventory does not have are taken away: their reports are not heard any more. */
export function strangeKeys(
  names: readonly string[],
  known: ReadonlySet<string>,
): readonly Resource[] {
  return names
    .filter((name) => !known.has(name))
    .map((name) => absent({ path: `${RECEIVER.keys}/${name}` }));
}

/** The folder is root's alone, so nobody can put a link in the way. */
function generation(path: string): string {
  return [
    sh`cd ${RECEIVER.keys} || exit 1`,
    'umask 077',
    'scratch=$(mktemp -d ./.lava-play.tmp.XXXXXX) || exit 1',
    `trap 'rm -rf "$scratch"' EXIT`,
    `trap 'exit 1' HUP INT TERM`,
    `key=$(od -An -v -tx1 -N32 /dev/urandom | tr -d ' \\n') && [ "\${#key}" -eq 64 ] || exit 1`,
    `printf '%s\\n' "$key" >"$scratch/key" || exit 1`,
    sh`chown root:${ACCOUNT} "$scratch/key" && chmod 640 "$scratch/key" || exit 1`,
    'sync "$scratch/key" 2>/dev/null || sync',
    sh`mv -fT "$scratch/key" ${path}`,
  ].join('\n');
}
