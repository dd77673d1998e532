import { flawsOf, type HealthQuery } from '../../engine/sdk.ts';
import { acceptsWorkers } from '../../lab/ssh/accepted.ts';
import { TUNNEL_USER } from '../../lab/tunnel/lab_tunnel.ts';
import { KEY_FILE } from './authorized_keys.ts';
import { gateAdmits } from './gate_admits.ts';

/** Whether the tunnels of these workers, and no others, get in, each to its own ports; asked on the gate. */
export function gateHealth(about: {
  readonly host: string;
  readonly workers: readonly string[];
  readonly key: string;
}): readonly HealthQuery[] {
  return [
    flawsOf(gateAdmits(), {
      id: 'tunnel_gate.sshd',
      subject: `account ${TUNNEL_USER}`,
      breaks: { kinds: ['server'] },
    }),
    acceptsWorkers('tunnel_gate.keys', {
      ...about,
      file: KEY_FILE,
      missing: (worker) =>
        `the gate does not accept the key of ${worker}, whose tunnel stays down once it breaks`,
      strange: 'the gate admits somebody who has no tunnel in the inventory',
      breaks: ['server'],
    }),
  ];
}
