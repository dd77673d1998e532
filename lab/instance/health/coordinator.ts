import type { Finding, PathQuestion } from '../../../engine/sdk.ts';
import { COORDINATOR, type InstanceFiles } from '../instance_files.ts';

/** The port of lava-coordinator as /proc/net/tcp writes it. */
const PORT = '0C07';

/** Whether the way to the coordinator works, where the master serves it to others; nothing where it is near. */
export function coordinatorPath(master: string): readonly Omit<PathQuestion, 'id'>[] {
  if (/^(127\.|::1$|localhost$)/.test(master)) return [];
  return [
    {
      check: { kind: 'tcp', host: master, port: COORDINATOR.port },
      what: 'MultiNode jobs of this worker cannot reach the coordinator on the master',
      subject: 'coordinator',
      given: { of: 'master', probe: LISTENS, holds: listensToOthers },
    },
  ];
}

const LISTENS = `sed -n 's/^ *[0-9]*: \\([0-9A-F]*\\):${PORT} [0-9A-F:]* 0A .*/\\1/p' /proc/net/tcp /proc/net/tcp6 2>/dev/null || :`;

/** Loopback as /proc/net/tcp and tcp6 write it. */
const LOOPBACK = /^(0100007F|00000000000000000000000001000000)$/;

function listensToOthers(outputs: Readonly<Record<string, string>>): boolean {
  return Object.values(outputs).some((output) =>
    output.split('\n').some((address) => address !== '' && !LOOPBACK.test(address)),
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
        fix: `write "port": ${COORDINATOR.port}`,
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
