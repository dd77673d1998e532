import {
  type Finding,
  type HealthQuestion,
  listenAddresses,
  socketsProbe,
} from '../../../engine/sdk.ts';
import type { Instance } from '../../../lab/instance/instance_settings.ts';
import type { InstanceFiles } from './instance_health.ts';

/** The port of lava-coordinator. */
const PORT = 3079;

type About = (
  judge: (files: InstanceFiles) => readonly Finding[],
) => (output: string) => readonly Finding[];

/** Whether MultiNode jobs of a worker would find the lab's one coordinator. */
export function coordinatorHealth(
  { role, master }: Instance,
  probe: string,
  about: About,
): readonly HealthQuestion[] {
  if (role !== 'worker') return [];
  const isNear = /^(127\.|::1$|localhost$)/.test(master);
  return [
    {
      id: 'write_instance_conf.coordinator',
      probe,
      judge: about((files) => judgeCoordinator(files, master)),
    },
    ...(isNear
      ? []
      : [
          {
            id: 'write_instance_conf.coordinator-path',
            check: { kind: 'tcp' as const, host: master, port: PORT },
            what: 'MultiNode jobs of this worker cannot reach the coordinator on the master',
            subject: 'coordinator',
            given: {
              of: 'master',
              probe: `${socketsProbe({ port: PORT, state: 'listening' })} || :`,
              holds: listensToOthers,
            },
          },
        ]),
  ];
}

const LOOPBACK = ['127.0.0.1', '::1'];

function listensToOthers(outputs: Readonly<Record<string, string>>): boolean {
  return Object.values(outputs).some((output) =>
    listenAddresses(output).some((address) => !LOOPBACK.includes(address)),
  );
}

function judgeCoordinator({ coordinator }: InstanceFiles, master: string): readonly Finding[] {
  if (!coordinator) return [];
  const { path, lines } = coordinator;
  const common = {
    severity: 'problem' as const,
    fix: 'lava-play apply',
    subject: `file ${path}`,
  };
  const settings = parse(lines.join('\n'));
  if (!settings) {
    return [
      {
        ...common,
        what: 'lava-coordinator.conf is no JSON, so MultiNode jobs look for the coordinator on this worker',
        evidence: `${path}: ${lines[0] ?? ''}`,
        fix: 'move the file away; lava-play apply',
      },
    ];
  }
  const { coordinator_hostname: name, port } = settings;
  if (typeof port !== 'number') {
    return [
      {
        ...common,
        what: 'MultiNode jobs end with "Misconfigured NodeDispatcher - port not specified"',
        evidence: `${path}: "port": ${JSON.stringify(port)}`,
        fix: `write "port": ${PORT}`,
      },
    ];
  }
  if (name === master) return [];
  return [
    {
      ...common,
      what: 'MultiNode jobs of this worker look for the coordinator on another host than the master',
      evidence: `${path}: "coordinator_hostname": ${JSON.stringify(name)}; the master is ${master}`,
    },
  ];
}

function parse(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
