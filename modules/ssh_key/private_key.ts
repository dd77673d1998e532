import { NOT_NOW, Refused, type Resource, sh } from '../../engine/sdk.ts';
import { publicKeyIn } from '../../lab/ssh/keys_of_host.ts';

/** A key file as it was found; `error` is what ssh-keygen says of one that it cannot use. */
export type PrivateKeyState =
  | { readonly kind: 'missing' }
  | {
      readonly kind: 'found';
      readonly mode: string;
      readonly owner: string;
      readonly isOwn: boolean;
      readonly type: string;
      /** Nothing when ssh-keygen is not there to ask, or cannot use the key. */
      readonly publicKey: string | undefined;
      readonly error: string | undefined;
      /** The text of the file `.pub`. */
      readonly pub: string;
    };

/**
 * An SSH key pair without a passphrase that is made on the host and stays there.
 *
 * What is there already is never replaced: a key that is damaged, needs a passphrase or was open to others is refused.
 */
export function privateKey(path: string, comment: string): Resource<PrivateKeyState> {
  return {
    id: `ssh key ${path}`,
    probe: probe(path),
    parse,
    change(now) {
      if (now.kind === 'missing') {
        return {
          before: '',
          after: 'ed25519, made on the host\n',
          labels: ['missing', '0600 root:root'],
          steps: [{ title: `make ${path}`, script: generation(path, comment) }],
        };
      }
      requireUsable(path, now);
      if (now.publicKey === undefined || publicKeyIn(now.pub) === now.publicKey) return undefined;
      return {
        before: now.pub,
        after: `${now.publicKey} ${comment}\n`,
        labels: [`${path}.pub`, `${path}.pub`],
        steps: [
          {
            title: `write ${path}.pub`,
            script: [
              sh`[ ! -L ${`${path}.pub`} ] || rm -f ${`${path}.pub`}`,
              sh`printf '%s\\n' ${`${now.publicKey} ${comment}`} >${`${path}.pub`} && chmod 644 ${`${path}.pub`}`,
            ].join('\n'),
          },
        ],
        next: { ...now, pub: `${now.publicKey} ${comment}\n` },
      };
    },
  };
}

function probe(path: string): string {
  return [
    sh`f=${path}`,
    'if [ ! -e "$f" ] && [ ! -L "$f" ]; then echo missing; exit 0; fi',
    `stat -L -c 'found %a %u %U %F' "$f" || exit 1`,
    'id -u',
    'if [ -f "$f" ] && command -v ssh-keygen >/dev/null; then',
    `  if said=$(ssh-keygen -y -P '' -f "$f" 2>&1); then`,
    `    printf 'public %s\\n' "$said"`,
    '  else',
    `    printf 'error %s\\n' "$(printf '%s\\n' "$said" | tail -n 1)"`,
    '  fi',
    'fi',
    'if [ -f "$f.pub" ]; then echo pub; head -c 20000 "$f.pub"; fi',
  ].join('\n');
}

function parse(output: string): PrivateKeyState {
  const [head = '', pub = ''] = output.split(/^pub\n/m);
  const [, mode = '', uid, owner = '', type = '', self] =
    /^found (\d+) (\d+) (\S+) (.*)\n(\d+)$/m.exec(head) ?? [];
  if (mode === '') return { kind: 'missing' };
  return {
    kind: 'found',
    mode,
    owner,
    isOwn: uid === self,
    type,
    publicKey: publicKeyIn(/^public .*$/m.exec(head)?.[0] ?? ''),
    error: /^error (.*)$/m.exec(head)?.[1],
    pub,
  };
}

function requireUsable(path: string, now: Extract<PrivateKeyState, { kind: 'found' }>): void {
  const another = `remove ${path} and ${path}.pub, and the next apply makes another`;
  if (!now.type.startsWith('regular')) {
    throw new Refused(`${path} should be a private key but is a ${now.type}`, 'move it away first');
  }
  if (!now.isOwn) {
    throw new Refused(
      `the private key ${path} belongs to ${now.owner}, not to root`,
      `chown root:root ${path}, if nobody else may have a copy; otherwise ${another}`,
    );
  }
  if ((Number.parseInt(now.mode, 8) & 0o077) !== 0) {
    throw new Refused(
      `the private key ${path} is open to others than root: its mode is ${now.mode.padStart(4, '0')}`,
      `chmod 600 ${path}, if nobody else may have read it; otherwise ${another}`,
    );
  }
  if (now.error === undefined) return;
  if (/passphrase/.test(now.error)) {
    throw new Refused(
      `the private key ${path} has a passphrase, which nobody can enter at boot`,
      another,
    );
  }
  throw new Refused(`${path} is not a private key that ssh-keygen can read: ${now.error}`, another);
}

function generation(path: string, comment: string): string {
  const folder = path.slice(0, path.lastIndexOf('/'));
  return [
    sh`[ -d ${folder} ] || { echo ${`${folder} does not exist`}; exit 1; }`,
    'umask 077',
    sh`rm -rf ${`${folder}/.lava-play.tmp.`}??????`,
    sh`scratch=$(mktemp -d ${`${folder}/.lava-play.tmp.XXXXXX`}) || exit 1`,
    `trap 'rm -rf "$scratch"' EXIT`,
    `trap 'exit 1' HUP INT TERM`,
    sh`ssh-keygen -q -t ed25519 -N '' -C ${comment} -f "$scratch/key" || exit 1`,
    'chmod 644 "$scratch/key.pub" || exit 1',
    'sync "$scratch/key" "$scratch/key.pub" 2>/dev/null || sync',
    sh`if [ -e ${path} ] || [ -L ${path} ]; then`,
    sh`  echo ${`${path} was made after the plan`}`,
    `  exit ${NOT_NOW}`,
    'fi',
    sh`mv -fT "$scratch/key.pub" ${`${path}.pub`} && mv -fT "$scratch/key" ${path} || exit 1`,
  ].join('\n');
}
