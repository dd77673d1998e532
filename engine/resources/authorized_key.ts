import { Refused, type Resource } from '../contract/resource.ts';
import { sha256 } from '../script/digest.ts';
import { functionsFor } from '../script/host_functions.ts';
import { sh } from '../script/shell.ts';
import {
  describe,
  type PathState,
  parsePath,
  requireSafeWay,
  variableProbe,
} from './path_state.ts';
import { decodeText } from './text.ts';

/** Which key may, or may not, log in as a user. */
export interface AuthorizedKeyOptions {
  readonly user: string;
  /** The line of a `.pub` file: type, key, comment. */
  readonly key: string;
  /** As sshd(8) reads them: `restrict,command="internal-sftp"`. */
  readonly options?: string;
  /** Instead of the comment in `key`. */
  readonly comment?: string;
  /** `present` unless told. */
  readonly ensure?: 'present' | 'absent';
  /** Instead of `.ssh/authorized_keys` in the user's home; its folder must be there and be the user's. */
  readonly file?: string;
}

/** The file with a user's keys and the folder it is in; nothing when there is no such user. */
export type AuthorizedKeyState =
  | {
      readonly home: PathState;
      readonly folder: PathState;
      readonly file: PathState;
      readonly bytes: Uint8Array;
    }
  | undefined;

/**
 * One line in a user's authorized_keys, found by its key: the same key with other options is replaced.
 *
 * All work is done as the user, so that links in the user's own folders open nothing to root.
 */
export function authorizedKey(options: AuthorizedKeyOptions): Resource<AuthorizedKeyState> {
  const { user, ensure = 'present', file } = options;
  const { line, body } = parseKey(options);
  return {
    id: `authorized key ${fingerprint(body)} of ${user}`,
    probe: probe(options),
    parse: parseState,
    change(now) {
      if (!now && ensure === 'absent') return undefined;
      if (now) requireSafe(options, now);
      const before = decodeText(now?.bytes ?? new Uint8Array());
      if (before === undefined) {
        throw new Refused(`the authorized keys of ${user} are not UTF-8 text`);
      }
      const after = withKey(before, body, ensure === 'present' ? line : undefined);
      const permitted =
        now !== undefined &&
        (file !== undefined || hasMode(now.folder, 0o700)) &&
        hasMode(now.file, 0o600);
      if (before === after && (permitted || ensure === 'absent')) return undefined;
      return {
        before,
        after,
        labels: [now ? label(now.file) : `there is no user ${user} yet`, `0600 ${user}`],
        steps: [
          {
            title: `${ensure === 'present' ? 'authorize' : 'remove'} ${fingerprint(body)} for ${user}`,
            script: step(options, body, ensure === 'present' ? line : undefined),
          },
        ],
      };
    },
  };
}

function parseKey({ key, options, comment }: AuthorizedKeyOptions): { line: string; body: string } {
  const [, type, body, ownComment = ''] =
    /^((?:ssh-|ecdsa-|sk-)\S+) ([A-Za-z0-9+/]{40,}=*)(?: (.*))?$/.exec(key.trim()) ?? [];
  if (!type || !body) {
    throw new Refused(
      `${JSON.stringify(key.slice(0, 40))} is not a public SSH key`,
      'give the one line of a .pub file, options apart',
    );
  }
  const words = [options, type, body, comment ?? ownComment];
  const line = words.filter((word) => word).join(' ');
  if (/[\n\0]/.test(line)) throw new Refused('a key, its options and its comment are one line');
  return { line, body };
}

/** As `ssh-keygen -l` shows it. */
function fingerprint(body: string): string {
  const digest = Buffer.from(sha256(Buffer.from(body, 'base64')), 'hex').toString('base64');
  return `SHA256:${digest.replace(/=+$/, '')}`;
}

/** Matches the lines that hold a key, and none that are commented out; for `grep -E` and for JavaScript. */
function lineOf(body: string): string {
  return `^[ \t]*[^# \t].*[ \t]${body.replaceAll('+', '[+]')}([[:space:]]|$)`;
}

function withKey(text: string, body: string, line: string | undefined): string {
  const own = new RegExp(lineOf(body).replace('[[:space:]]', '\\s'));
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  const mine = lines.filter((candidate) => own.test(candidate));
  if (line !== undefined && mine.length === 1 && mine[0] === line) return text;
  if (line === undefined && mine.length === 0) return text;
  const others = lines.filter((candidate) => !own.test(candidate));
  return [...others, ...(line === undefined ? [] : [line])].map((each) => `${each}\n`).join('');
}

function hasMode(state: PathState, mode: number): boolean {
  return state.kind === 'found' && Number.parseInt(state.mode, 8) === mode;
}

function label(state: PathState): string {
  return state.kind === 'found' ? describe(state) : 'missing';
}

function requireSafe(
  { user, file }: AuthorizedKeyOptions,
  now: NonNullable<AuthorizedKeyState>,
): void {
  const { home, folder, file: keys } = now;
  for (const [name, state] of [
    ['folder', folder],
    ['file', keys],
  ] as const) {
    if (state.kind === 'found' && state.type === 'symbolic link') {
      throw new Refused(`the ${name} of the authorized keys of ${user} is a symbolic link`);
    }
    if (state.kind === 'found' && name === 'file' && state.type !== 'regular file') {
      throw new Refused(`the ${name} of the authorized keys of ${user} is a ${state.type}`);
    }
    requireSafeWay(`the ${name} of the authorized keys of ${user}`, state);
  }
  if (
    file === undefined &&
    home.kind === 'found' &&
    (Number.parseInt(home.mode, 8) & 0o022) !== 0
  ) {
    throw new Refused(
      `the home of ${user} may be written by others, so sshd ignores the keys in it (StrictModes)`,
      `chmod go-w ~${user}`,
    );
  }
}

function probe(options: AuthorizedKeyOptions): string {
  return [
    sh`entry=$(getent passwd -- ${options.user}) || { [ $? -eq 2 ] && exit 0; exit 1; }`,
    'echo user',
    asUser(
      options,
      [
        'f=$1',
        variableProbe('follow'),
        `f=\${2%/*}`,
        variableProbe('here'),
        'f=$2',
        variableProbe('here', '  case $lp_type in regular*) (lp_feed base64) || exit 1 ;; esac'),
      ].join('\n'),
    ),
  ].join('\n');
}

function parseState(output: string): AuthorizedKeyState {
  if (!output.startsWith('user\n')) return undefined;
  const [home, afterHome] = parsePath(output.slice('user\n'.length));
  const [folder, afterFolder] = parsePath(afterHome);
  const [file, body] = parsePath(afterFolder);
  return { home, folder, file, bytes: Buffer.from(body, 'base64') };
}

function step(options: AuthorizedKeyOptions, body: string, line: string | undefined): string {
  return [
    sh`entry=$(getent passwd -- ${options.user}) || { echo ${`there is no user ${options.user}`}; exit 1; }`,
    asUser(
      options,
      [
        'umask 077',
        `folder=\${2%/*}`,
        ...(options.file === undefined
          ? ['[ -d "$folder" ] || mkdir "$folder" || exit 1', 'chmod 700 "$folder" || exit 1']
          : []),
        'rm -f "$folder"/.lava-play.tmp.??????',
        'file=$(mktemp "$folder/.lava-play.tmp.XXXXXX") || exit 1',
        `trap 'rm -f "$file"' EXIT`,
        `trap 'exit 1' HUP INT TERM`,
        'if [ -f "$2" ]; then',
        sh`  grep -avE ${lineOf(body)} "$2" >"$file" || [ $? -eq 1 ] || exit 1`,
        'fi',
        ...(line === undefined ? [] : [sh`printf '%s\\n' ${line} >>"$file" || exit 1`]),
        'sync "$file" 2>/dev/null || sync',
        'mv -fT "$file" "$2" || exit 1',
      ].join('\n'),
    ),
  ].join('\n');
}

/** Shell that runs a script as the user of `$entry`; `$1` is the home, `$2` the file with the keys. */
function asUser({ user, file }: AuthorizedKeyOptions, script: string): string {
  return [
    `home=\${entry%:*} home=\${home##*:}`,
    file === undefined ? 'keys=$home/.ssh/authorized_keys' : sh`keys=${file}`,
    sh`as_user() { if [ "$(id -u)" -eq 0 ]; then runuser -u ${user} -- "$@"; else "$@"; fi; }`,
    `as_user sh -s "$home" "$keys" <<'LAVA_PLAY_AS_OWNER'`,
    functionsFor([script]) + script,
    'LAVA_PLAY_AS_OWNER',
  ].join('\n');
}
