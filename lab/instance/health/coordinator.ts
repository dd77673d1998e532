import {
  type Finding,
  listenAddresses,
  type PathQuery,
  socketsProbe,
} from '../../../engine/sdk.ts';
import { COORDINATOR, type InstanceFiles } from '../instance_files.ts';

/** Whether the way to the coordinator works, where the master serves it to others; nothing where it is near. */
export function coordinatorPath(master: string): readonly Omit<PathQuery, 'id'>[] {
  if (/^(127\.|::1$|localhost$)/.test(master)) return [];
  return [
    {
      trial: { kind: 'tcp', host: master, port: COORDINATOR.port },
      what: 'MultiNode jobs of this worker cannot reach the coordinator on the master',
      subject: 'coordinator',
      given: { of: 'master', probe: LISTENS, holds: listensToOthers },
    },
  ];
}

const LISTENS = `${socketsProbe({ port: COORDINATOR.port, state: 'listening' })} || :`;

const LOOPBACK = ['127.0.0.1', '::1'];

function listensToOthers(outputs: Readonly<Record<string, string>>): boolean {
  return Object.values(outputs).some((output) =>
    listenAddresses(output).some((address) => !LOOPBACK.includes(address)),
  );
}

/** Whether MultiNode jobs of a worker look for the coordinator on the master. */
export function judgeCoordinator(
  { coordinator }: InstanceFiles,
  master: string,
): readonly Finding[] {
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
        what: 'lava-coordinator.conf is not JSON, so MultiNode jobs look for the coordinator on this worker',
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
        evidence: `${path}: ${port === undefined ? 'no "port"' : `"port": ${JSON.stringify(port)}`}`,
        fix: `write "port": ${COORDINATOR.port}`,
      },
    ];
  }
  if (name === master) return [];
  return [
    {
      ...common,
      what: 'MultiNode jobs of this worker look for the coordinator on a host other than the master',
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
