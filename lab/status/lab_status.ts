import {
  field,
  type HostFinding,
  type HostHealth,
  isList,
  type LabHealth,
  SEVERITY_RANK,
  type Severity,
} from '../../engine/extend.ts';
import type { HostView, LabView, Thing } from '../../engine/sdk.ts';
import type { ThingKind } from './kinds.ts';

/** How a lab is, thing by thing: what `status` and `report` show. */
export interface LabStatus {
  readonly inventory: string;
  /** When it was looked at, ISO 8601. */
  readonly time: string;
  readonly seconds: number;
  /** Database, server and proxy, in this order. */
  readonly services: readonly Thing[];
  readonly hosts: readonly HostStatus[];
  /** In the order of the inventory; those that were not looked at are missing. */
  readonly workers: readonly WorkerStatus[];
  /** Worst first. */
  readonly findings: readonly HostFinding[];
}

/** A host that is looked at, whatever it is for. */
export interface HostStatus {
  readonly name: string;
  readonly address: string;
  readonly groups: readonly string[];
  readonly state: HostHealth['state'];
  readonly status: Status;
}

/** A worker with all that hangs on it. */
export interface WorkerStatus extends HostStatus {
  /** As the master has it; nothing when the master could not tell. */
  readonly worker: Thing | undefined;
  readonly agent: Thing | undefined;
  readonly mounts: readonly Thing[];
  readonly tunnels: readonly Thing[];
  readonly hubs: readonly Thing[];
  readonly boards: readonly BoardStatus[];
  readonly problems: number;
  readonly warnings: number;
}

/** A board of the inventory; what nobody could tell of it is missing. */
export interface BoardStatus {
  readonly name: string;
  readonly worker: string;
  /** The device type of the inventory. */
  readonly type: string | undefined;
  readonly status: Status;
  /** As a device of the master. */
  readonly device: Thing | undefined;
  readonly console: Thing | undefined;
  readonly adapter: Thing | undefined;
  /** Why it gets no jobs although it could run some: `worker Maintenance`, `worker Offline`; nothing when it does. */
  readonly held: string | undefined;
}

/** How a thing is, or that nobody knows. */
export type Status = Thing['status'] | 'unknown';

const SERVICES: readonly ThingKind[] = ['database', 'server', 'proxy'];

/** All tones in the order in which they are shown. */
export const WORST_FIRST: readonly Status[] = ['bad', 'warning', 'unknown', 'good', 'off'];

/** Puts together what all hosts have told of each thing; boards and workers of the inventory are never missing. */
export function labStatus({ inventory, time, seconds, hosts }: LabHealth, lab: LabView): LabStatus {
  const things = hosts.flatMap((host) => host.things);
  const statuses = hosts.flatMap((health) => {
    const view = lab.hosts[health.host];
    return view ? [{ health, view, status: hostStatus(health, view) }] : [];
  });
  return {
    ...{ inventory, time, seconds },
    services: SERVICES.flatMap((kind) => things.filter((thing) => thing.kind === kind)),
    hosts: statuses.map(({ status }) => status),
    workers: statuses
      .filter(({ view }) => view.groups.includes('workers'))
      .map(({ health, view, status }) => workerStatus(health, view, status)),
    findings: hosts
      .flatMap(({ findings }) => findings)
      .toSorted((a, b) => SEVERITY_RANK[a.severity] - SEVERITY_RANK[b.severity]),
  };
}

/** The worst of several tones; of none, that nobody knows. */
export function worst(statuses: readonly Status[]): Status {
  return WORST_FIRST.find((status) => statuses.includes(status)) ?? 'unknown';
}

function hostStatus(
  { host, groups, state, findings }: HostHealth,
  { address }: HostView,
): HostStatus {
  const isWarned = findings.some(({ severity }) => severity === 'warning');
  const status = state !== 'healthy' ? 'bad' : isWarned ? 'warning' : 'good';
  return { ...{ name: host, address, groups, state }, status };
}

function workerStatus(
  { things, findings }: HostHealth,
  view: HostView,
  status: HostStatus,
): WorkerStatus {
  const of = (kind: ThingKind): readonly Thing[] => things.filter((thing) => thing.kind === kind);
  const count = (severity: Severity): number =>
    findings.filter((finding) => finding.severity === severity).length;
  const [worker] = of('worker');
  return {
    ...status,
    status: worker?.status === 'off' && status.status === 'good' ? 'off' : status.status,
    worker,
    agent: of('agent')[0],
    mounts: of('mount'),
    tunnels: of('tunnel'),
    hubs: of('hub'),
    boards: boardsOf(view).map((board) => boardStatus(board, view.name, things, worker)),
    problems: count('problem'),
    warnings: count('warning'),
  };
}

function boardStatus(
  { name, type }: { readonly name: string; readonly type: string | undefined },
  worker: string,
  things: readonly Thing[],
  ofMaster: Thing | undefined,
): BoardStatus {
  const find = (kind: ThingKind): Thing | undefined =>
    things.find((thing) => thing.kind === kind && thing.name === name);
  const parts = { device: find('board'), console: find('console'), adapter: find('adapter') };
  const statuses = Object.values(parts).flatMap((part) => (part ? [part.status] : []));
  const own = parts.device?.status === 'off' ? 'off' : worst(statuses);
  const held = parts.device && ofMaster ? holding(ofMaster) : undefined;
  return {
    ...{ name, worker, type },
    status: held !== undefined && ofMaster && own === 'good' ? ofMaster.status : own,
    ...parts,
    held,
  };
}

/** What keeps jobs from all boards of a worker, in two words. */
function holding({ status, state, details }: Thing): string | undefined {
  if (status === 'good') return undefined;
  const health = details?.health ?? 'Active';
  return `worker ${health === 'Active' ? state : health}`;
}

/** Whether a board waits for jobs that cannot come. */
export function isKeptIdle({ device, held }: BoardStatus): boolean {
  return held !== undefined && device?.state === 'Idle';
}

/** What a board does as a device, or why it does nothing. */
export function stateOfBoard(board: BoardStatus): string {
  return (isKeptIdle(board) ? board.held : board.device?.state) ?? '';
}

function boardsOf({
  vars: { boards },
}: HostView): readonly { readonly name: string; readonly type: string | undefined }[] {
  if (!isList(boards)) return [];
  return boards.map((board) => {
    const type = field(board, 'device_type');
    return {
      name: String(field(board, 'name')),
      type: typeof type === 'string' ? type : undefined,
    };
  });
}
