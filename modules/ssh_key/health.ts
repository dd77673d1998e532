import { flawsOf, type HealthQuery } from '../../engine/sdk.ts';
import { privateKey } from './private_key.ts';

/** Whether the key is there, whole, and nobody else's. */
export function keyHealth(path: string): readonly HealthQuery[] {
  return [
    flawsOf(privateKey(path, ''), {
      id: 'ssh_key.key',
      subject: `key ${path}`,
      otherwise: { what: `the key ${path} is incomplete`, fix: 'lava-play apply' },
    }),
  ];
}
