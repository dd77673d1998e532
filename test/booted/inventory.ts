import type { LabHost, LabRole } from './layout.ts';

/** What all hosts of a lab have in common. */
export const LAB_VARS = `all:
  vars:
    user: admin
    connect_timeout: 30
    identity_file: id_ed25519
    known_hosts_file: known_hosts
    lava:
      instance: lab
      layout: instance
      db: { name: lavaserver, user: lavaserver, password: !secret lava_db_password }
      heartbeat: { timeout: 300 }
secrets:
  lava_db_password: { file: secrets/lava_db_password }
`;

/** The inventory of a lab, ready for `lava-play apply`. */
export function inventoryText(hosts: readonly LabHost[]): string {
  return `${LAB_VARS}${group('database', 'database', hosts)}${group('master', 'master', hosts)}${group('workers', 'worker', hosts)}`;
}

function group(name: string, role: LabRole, hosts: readonly LabHost[]): string {
  const members = hosts.filter((host) => host.role === role);
  if (members.length === 0) return `${name}:\n  hosts: {}\n`;
  const lines = members.map((host) => `    ${host.name}: { address: ${host.address} }\n`);
  return `${name}:\n  hosts:\n${lines.join('')}`;
}
