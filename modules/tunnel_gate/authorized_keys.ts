import { bracketed, header, type LabFact } from '../../engine/sdk.ts';
import { hostKeys, type KeysOfHost, publicKeyIn } from '../../lab/ssh/keys_of_host.ts';
import type { Forward } from '../../lab/tunnel/lab_tunnel.ts';

/** The keys by which tunnels come in; all of the file is ours. */
export const KEY_FILE = '/etc/lava-play/tunnel.authorized_keys';

/** A worker that comes in here. */
export interface Client {
  readonly name: string;
  readonly targets: readonly Forward[];
  /** Type and key; `none` when the worker has none yet, `unknown` when it could not be asked or read. */
  readonly key: string | 'none' | 'unknown';
}

/** The public keys of the workers, by the path of the private ones. */
export const workerKeys: LabFact<KeysOfHost> = { of: 'workers', ...hostKeys };

/** One line a worker; one that could not be asked keeps the key that it had. */
export function editKeys(now: string, clients: readonly Client[]): string {
  const lines = clients.flatMap(({ name, targets, key }) => {
    const body = key === 'unknown' ? keyOf(name, now) : key === 'none' ? undefined : key;
    return body === undefined ? [] : [`${options(targets)} ${body} ${name}\n`];
  });
  return `${header()}\n${lines.join('')}`;
}

function keyOf(name: string, text: string): string | undefined {
  const line = text.split('\n').find((each) => each.endsWith(` ${name}`));
  return line && publicKeyIn(line);
}

/** sshd(8): `restrict` forbids everything, also what a later sshd may come to allow. */
function options(targets: readonly Forward[]): string {
  return [
    'restrict',
    'port-forwarding',
    ...permitted(targets).map((it) => `permitopen="${it}"`),
  ].join();
}

/** Where tunnels may lead, as `permitopen` and `PermitOpen` write it, each once. */
export function permitted(targets: readonly Forward[]): readonly string[] {
  return [...new Set(targets.map(({ host, port }) => `${bracketed(host)}:${port}`))];
}
