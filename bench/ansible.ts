import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type LabHost, labAccess, labExec, readHostFile } from '../test/booted/lab.ts';
import { installPackage } from '../test/support/debian_package.ts';
import type { Distance } from './distance.ts';
import { boardsOf, type Speed } from './job.ts';

const RULES = '/etc/udev/rules.d/72-lava-play.rules';
const CONSOLES = '/etc/lava-play/consoles';
const UNIT = '/etc/systemd/system/lava-console@.service';

/** What Ansible needs on the controller and on each host. */
export async function installAnsible(workers: readonly LabHost[]): Promise<void> {
  const missing = installPackage('ansible-core');
  if (missing !== undefined) throw new Error(missing);
  await Promise.all(
    workers.map(async ({ name }) => {
      const install =
        'apt-get -qq update && apt-get -qq install --no-install-recommends python3 python3-apt';
      const { code, stderr } = await labExec(name, install, { timeoutMs: 300_000 });
      if (code !== 0) throw new Error(`${name}: ${stderr}`);
    }),
  );
}

/** The same job for Ansible: the files that lava-play has made on each host, and the same package and units. */
export async function writeRole(folder: string, distance: Distance): Promise<void> {
  for (const name of distance.places.keys()) {
    const paths = [RULES, UNIT, ...boardsOf(name).map((board) => `${CONSOLES}/${board}.yaml`)];
    for (const path of paths) keep(folder, name, path, await readHostFile(name, path));
  }
  writeFileSync(join(folder, 'playbook.yaml'), PLAYBOOK);
  writeHosts(folder, distance);
}

/** How Ansible reaches the hosts. */
export function writeHosts(folder: string, { places, knownHostsFile }: Distance): void {
  const { identityFile } = labAccess();
  const vars = {
    ansible_user: 'admin',
    ansible_become: true,
    ansible_python_interpreter: '/usr/bin/python3',
    ansible_ssh_private_key_file: identityFile,
    ansible_ssh_common_args: `-o UserKnownHostsFile=${knownHostsFile}`,
  };
  const hosts = Object.fromEntries(
    [...places].map(([name, { address, port }]) => [
      name,
      { ansible_host: address, ansible_port: port, boards: boardsOf(name) },
    ]),
  );
  writeFileSync(join(folder, 'inventory.json'), JSON.stringify({ workers: { hosts, vars } }));
}

/** The changed console at the other speed. */
export async function writeSpeed(
  folder: string,
  workers: readonly LabHost[],
  speed: Speed,
): Promise<void> {
  for (const { name } of workers) {
    const path = `${CONSOLES}/${boardsOf(name)[0]}.yaml`;
    const text = await readHostFile(name, path);
    keep(folder, name, path, text.replace(/,\d+n81/, `,${speed}n81`));
  }
}

function keep(folder: string, host: string, path: string, text: string): void {
  const own = join(folder, 'files', host, path);
  mkdirSync(dirname(own), { recursive: true });
  writeFileSync(own, text);
}

/**
 * Ansible with what its documentation advises for speed: pipelining, one connection a host, all hosts at once.
 *
 * The connections are kept in a folder of the run's own, so that each run logs in anew, as one that a person starts.
 */
export function ansibleEnvironment(forks: number, connections: string): NodeJS.ProcessEnv {
  return {
    ...process.env,
    ANSIBLE_PIPELINING: '1',
    ANSIBLE_FORKS: String(forks),
    ANSIBLE_SSH_ARGS: '-o ControlMaster=auto -o ControlPersist=20s',
    ANSIBLE_SSH_CONTROL_PATH_DIR: connections,
    ANSIBLE_NOCOLOR: '1',
  };
}

/** How many tasks changed something, over all hosts; throws when a host failed. */
export function changesIn(recap: string): number {
  const lines = [...recap.matchAll(/changed=(\d+) +unreachable=(\d+) +failed=(\d+)/g)];
  if (lines.length === 0 || lines.some(([, , lost, failed]) => lost !== '0' || failed !== '0')) {
    throw new Error(`Ansible failed:\n${recap}`);
  }
  return lines.reduce((sum, [, changed]) => sum + Number(changed), 0);
}

const own = (path: string): string => `files/{{ inventory_hostname }}${path}`;

const PLAYBOOK = `- hosts: workers
  gather_facts: false
  tasks:
    - name: rules
      ansible.builtin.copy: { src: "${own(RULES)}", dest: ${RULES}, mode: "0644" }
      notify: read the rules
    - name: ser2net
      ansible.builtin.apt: { name: ser2net }
    - name: folder of the consoles
      ansible.builtin.file: { path: ${CONSOLES}, state: directory, mode: "0755" }
    - name: unit of a console
      ansible.builtin.copy: { src: "${own(UNIT)}", dest: ${UNIT}, mode: "0644" }
      notify: read the units
    - name: consoles
      ansible.builtin.copy: { src: "${own(`${CONSOLES}/{{ item }}.yaml`)}", dest: "${CONSOLES}/{{ item }}.yaml", mode: "0644" }
      loop: "{{ boards }}"
      register: consoles
    - name: consoles start with their devices
      ansible.builtin.systemd: { name: "lava-console@{{ item }}.service", enabled: true }
      loop: "{{ boards }}"
    - name: the daemon of the package is off
      ansible.builtin.systemd: { name: ser2net, enabled: false, state: stopped }
    - name: restart changed consoles
      ansible.builtin.command: systemctl try-restart lava-console@{{ item.item }}.service
      loop: "{{ consoles.results | selectattr('changed') | list }}"
      loop_control: { label: "{{ item.item }}" }
      changed_when: false
      when: not ansible_check_mode
  handlers:
    - name: read the rules
      ansible.builtin.command: udevadm control --reload
    - name: read the units
      ansible.builtin.systemd: { daemon_reload: true }
`;
