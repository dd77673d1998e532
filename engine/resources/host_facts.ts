import type { Fact } from '../contract/module.ts';
import type { Fields } from '../values/values.ts';
import { HOST_FACTS_PROBE, type Sections } from './host_facts_probe.ts';
import { devicesOf, memoryOf, mountsOf, processorsOf } from './host_hardware.ts';
import { networkOf } from './host_network.ts';

/**
 * What is known of a host under the names that Ansible gives it, such as `ansible_distribution`, and under
 * `ansible_facts` without the prefix.
 *
 * Sources: `ansible -m setup` of ansible-core 2.14 on Debian 12.
 */
export const hostFacts: Fact<Fields> = { probe: HOST_FACTS_PROBE, parse: readHostFacts };

/** Names of Ansible's that are not given, and why. */
export const FACTS_LEFT_OUT: Readonly<Record<string, string>> = {
  ansible_python_version: 'hosts need no Python',
  ansible_python: 'hosts need no Python',
  ansible_env: 'the environment may hold secrets',
  ansible_cmdline: 'the command line of the kernel may hold secrets',
  ansible_local: 'programs in /etc/ansible/facts.d are not run',
};

function readHostFacts(output: string): Fields {
  const sections = sectionsIn(output);
  const facts: Fields = {
    ...systemOf(sections),
    ...memoryOf(sections),
    ...processorsOf(sections),
    ...networkOf(sections),
    ...{ mounts: mountsOf(sections), devices: devicesOf(sections) },
    ...virtualizationOf(sections),
    ...dateOf(sections),
  };
  const named = Object.entries(facts).map(([name, value]) => [`ansible_${name}`, value]);
  return { ...Object.fromEntries(named), ansible_facts: facts };
}

function sectionsIn(output: string): Sections {
  const sections = new Map<string, readonly string[]>();
  for (const part of output.split(/^@/m).slice(1)) {
    const [name = '', ...lines] = part.replace(/\n$/, '').split('\n');
    sections.set(name, lines);
  }
  return sections;
}

function systemOf(sections: Sections): Fields {
  const release = new Map(
    (sections.get('os') ?? []).flatMap((line) => {
      const [, key = '', quoted, plain = ''] = /^([A-Z_]+)=(?:"(.*)"|'?(.*?)'?)$/.exec(line) ?? [];
      return key === '' ? [] : [[key, quoted ?? plain] as const];
    }),
  );
  const id = release.get('ID') ?? '';
  const [debian = ''] = sections.get('debian') ?? [];
  const written = release.get('VERSION_ID') ?? '';
  const version = id === 'debian' && /^\d/.test(debian) ? debian : written;
  const [system = '', node = '', kernel = '', machine = ''] = sections.get('uname') ?? [];
  const [full = ''] = sections.get('fqdn') ?? [];
  const fqdn = full || node;
  const [architecture] = sections.get('architecture') ?? [];
  const [name = '', uid = '', gid = '', home = ''] = sections.get('user') ?? [];
  const [program = ''] = sections.get('packages') ?? [];
  const [init = ''] = sections.get('init') ?? [];
  const [major = '', minor] = version.split('.');
  return {
    distribution: NAMES[id] ?? (release.get('NAME')?.split(' ')[0] || 'NA'),
    distribution_version: version || 'NA',
    distribution_major_version: major || 'NA',
    ...(minor !== undefined && { distribution_minor_version: minor }),
    distribution_release: release.get('VERSION_CODENAME') ?? 'NA',
    os_family: familyOf(id, release.get('ID_LIKE') ?? ''),
    system,
    kernel,
    machine,
    architecture: machine,
    ...(architecture && { userspace_architecture: machine }),
    nodename: node,
    hostname: node.split('.')[0],
    fqdn,
    domain: fqdn.includes('.') ? fqdn.slice(fqdn.indexOf('.') + 1) : '',
    user_id: name,
    user_uid: Number(uid),
    user_gid: Number(gid),
    user_dir: home,
    pkg_mgr: PACKAGE_MANAGERS[program.split('/').pop() ?? ''] ?? 'unknown',
    service_mgr: sections.has('systemd') ? 'systemd' : init === 'init' ? 'sysvinit' : init,
    uptime_seconds: Math.floor(Number(sections.get('uptime')?.[0]?.split(' ')[0] ?? 0)),
  };
}

const NAMES: Readonly<Record<string, string>> = {
  ...{ debian: 'Debian', ubuntu: 'Ubuntu', raspbian: 'Debian', fedora: 'Fedora', alpine: 'Alpine' },
  ...{
    rhel: 'RedHat',
    centos: 'CentOS',
    rocky: 'Rocky',
    almalinux: 'AlmaLinux',
    arch: 'Archlinux',
  },
};

const PACKAGE_MANAGERS: Readonly<Record<string, string>> = {
  ...{ 'apt-get': 'apt', dnf: 'dnf', yum: 'yum', zypper: 'zypper', apk: 'apk', pacman: 'pacman' },
};

function familyOf(id: string, like: string): string {
  const words = [id, ...like.split(' ')];
  if (words.some((word) => ['debian', 'ubuntu', 'raspbian'].includes(word))) return 'Debian';
  if (words.some((word) => ['rhel', 'fedora', 'centos'].includes(word))) return 'RedHat';
  return NAMES[id] ?? 'NA';
}

/** What systemd-detect-virt calls what Ansible calls otherwise. */
const VIRTUALIZATION: Readonly<Record<string, string>> = {
  ...{
    oracle: 'virtualbox',
    vmware: 'VMware',
    microsoft: 'Hyper-V',
    'systemd-nspawn': 'container',
  },
  ...{ qemu: 'kvm', amazon: 'kvm', 'container-other': 'container' },
};

function virtualizationOf(sections: Sections): Fields {
  const found = ['container', 'machine']
    .map((name) => sections.get(name)?.[0] ?? 'none')
    .find((name) => name !== 'none');
  if (found) {
    const type = VIRTUALIZATION[found] ?? found;
    return { virtualization_type: type, virtualization_role: 'guest' };
  }
  const isHost = sections.has('kvm');
  return {
    virtualization_type: isHost ? 'kvm' : 'NA',
    virtualization_role: isHost ? 'host' : 'NA',
  };
}

function dateOf(sections: Sections): Fields {
  const [year = '', month = '', day = '', hour = '', minute = '', second = '', ...more] =
    sections.get('date')?.[0]?.split(' ') ?? [];
  const [epoch = '', zone = '', offset = '', weekday = '', number = '', week = '', nano = ''] =
    more;
  const utc = new Date(Number(epoch) * 1000).toISOString().replace(/\.000Z$/, 'Z');
  return {
    date_time: {
      ...{ year, month, day, hour, minute, second, weekday, epoch },
      ...{ date: `${year}-${month}-${day}`, time: `${hour}:${minute}:${second}` },
      ...{ tz: zone, tz_offset: offset, weekday_number: String(Number(number) % 7) },
      ...{ weeknumber: week, iso8601: utc, epoch_int: epoch },
      iso8601_basic_short: `${year}${month}${day}T${hour}${minute}${second}`,
      iso8601_basic: `${year}${month}${day}T${hour}${minute}${second}${nano.slice(0, 6)}`,
      iso8601_micro: utc.replace('Z', `.${nano.slice(0, 6)}Z`),
    },
  };
}
