import {
  type LabStatus,
  type Status,
  stateOfBoard,
  type WorkerStatus,
} from '../status/lab_status.ts';

/** A rectangle of the map, in units of its view box. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A machine on the map. */
export interface Node extends Box {
  readonly name: string;
  readonly role: 'database' | 'master' | 'worker' | 'other';
  readonly status: Status;
  /** What it is, in one line below its name. */
  readonly note: string;
  readonly rows: readonly Row[];
}

/** Boards that hang on one hub, or on none that is known. */
export interface Row {
  readonly label: string;
  readonly x: number;
  readonly y: number;
  readonly marks: readonly Mark[];
}

/** A board. */
export interface Mark {
  readonly name: string;
  readonly state: string;
  readonly status: Status;
  readonly x: number;
  readonly y: number;
}

/** A way between two machines: points of a line, and how it is. */
export interface Link {
  readonly from: string;
  readonly to: string;
  readonly what: string;
  readonly status: Status;
  readonly points: readonly (readonly [x: number, y: number])[];
}

/** The drawn lab. */
export interface LabMap {
  readonly width: number;
  readonly height: number;
  readonly nodes: readonly Node[];
  readonly links: readonly Link[];
}

/** The side of a board's mark, and from one to the next. */
export const MARK = 14;
const STEP = 18;
const MARKS_IN_ROW = 10;

const MARGIN = 16;
const WIDTH = 212;
const HEAD = 46;
const GUTTER = 36;
const GAP = 16;
const ROW_LABEL = 15;

/**
 * Lays out a lab: database, master and the rest in a line, the workers in columns below, each on a branch from the
 * master.
 */
export function labMap(status: LabStatus): LabMap {
  const others = status.hosts.filter(({ groups }) => !groups.includes('workers'));
  const workers = [...status.workers];
  const columns = columnsFor(workers.length);
  const topWidth = others.length * WIDTH + Math.max(0, others.length - 1) * GUTTER;
  const gridWidth = columns * (GUTTER + WIDTH);
  const width = Math.max(topWidth + GUTTER, gridWidth) + 2 * MARGIN;
  const top = topRow(others, status, (width - topWidth) / 2);
  const trunk = MARGIN + HEAD + 2 * GAP;
  const placed = grid(workers, columns, (width - gridWidth) / 2, trunk + GAP);
  const nodes = [...top, ...placed.map(({ node }) => node)];
  const height = Math.max(MARGIN + HEAD, ...nodes.map((node) => node.y + node.height)) + MARGIN;
  const links = [
    ...linksOfMaster(top),
    ...placed.map(({ worker, node, gutter }) => branch(worker, node, gutter, trunk, top)),
  ];
  return { width, height, nodes, links };
}

function columnsFor(workers: number): number {
  return Math.max(1, Math.min(6, Math.ceil(Math.sqrt(workers * 1.5))));
}

function topRow(others: LabStatus['hosts'], status: LabStatus, left: number): readonly Node[] {
  return others.map((host, i) => {
    const services = status.services.filter((service) => service.host === host.name);
    const ill = services.filter(({ status }) => status !== 'good');
    const words =
      ill.length > 0
        ? ill.map(({ kind, state }) => `${kind} ${state}`)
        : services.map(({ kind }) => kind);
    return {
      ...{ name: host.name, status: host.status, rows: [], role: roleOf(host.groups) },
      note: words.join(', ') || host.groups.join(', '),
      ...{ x: left + i * (WIDTH + GUTTER), y: MARGIN, width: WIDTH, height: HEAD },
    };
  });
}

function roleOf(groups: readonly string[]): Node['role'] {
  if (groups.includes('master')) return 'master';
  return groups.includes('database') ? 'database' : 'other';
}

/** A worker with its box, and the middle of the gutter left of it. */
interface Placed {
  readonly worker: WorkerStatus;
  readonly node: Node;
  readonly gutter: number;
}

/** Each worker goes where the columns are shortest, so that full and empty ones make an even picture. */
function grid(
  workers: readonly WorkerStatus[],
  columns: number,
  left: number,
  top: number,
): readonly Placed[] {
  const ends = Array.from({ length: columns }, () => top);
  return workers.map((worker) => {
    const column = ends.indexOf(Math.min(...ends));
    const x = left + column * (GUTTER + WIDTH) + GUTTER;
    const y = ends[column] ?? top;
    const { rows, height } = rowsOf(worker, x + 16, y + HEAD + 4);
    ends[column] = y + height + GAP;
    const node: Node = {
      ...{ name: worker.name, role: 'worker', status: worker.status, note: noteOf(worker), rows },
      ...{ x, y, width: WIDTH, height },
    };
    return { worker, node, gutter: x - GUTTER / 2 };
  });
}

function noteOf({ worker, state, mounts }: WorkerStatus): string {
  const words = [
    worker?.state ?? (state === 'unreachable' ? 'unreachable' : ''),
    ...mounts.map((mount) => `share ${mount.state}`),
  ];
  return words.filter((word) => word !== '').join(', ');
}

function rowsOf(
  { boards, hubs }: WorkerStatus,
  x: number,
  top: number,
): { readonly rows: readonly Row[]; readonly height: number } {
  const hubOf = ({ adapter }: (typeof boards)[number]): string => {
    const port = String(adapter?.details?.port ?? '');
    const above = hubs.filter(({ name }) => port.startsWith(`${name}.`));
    return above.toSorted((a, b) => b.name.length - a.name.length)[0]?.name ?? '';
  };
  const labels = [...new Set(boards.map(hubOf))].toSorted(unnamedLast);
  let y = top;
  const rows = labels.map((label): Row => {
    const group = boards.filter((board) => hubOf(board) === label);
    const labelHeight = label === '' ? 0 : ROW_LABEL;
    const row: Row = {
      ...{ label: label === '' ? '' : `hub ${label}`, x, y: y + labelHeight - 4 },
      marks: group.map((board, i) => ({
        ...{ name: board.name, status: board.status, state: stateOfBoard(board) || 'unknown' },
        x: x + (i % MARKS_IN_ROW) * STEP,
        y: y + labelHeight + Math.floor(i / MARKS_IN_ROW) * STEP,
      })),
    };
    y += labelHeight + Math.ceil(group.length / MARKS_IN_ROW) * STEP + 4;
    return row;
  });
  return { rows, height: HEAD + (rows.length === 0 ? 0 : y - top + 8) };
}

function unnamedLast(a: string, b: string): number {
  if (a === '' || b === '') return a === b ? 0 : a === '' ? 1 : -1;
  return a.localeCompare(b, 'en', { numeric: true });
}

/** From the master to each of its neighbours in the top row. */
function linksOfMaster(top: readonly Node[]): readonly Link[] {
  const master = top.findIndex(({ role }) => role === 'master');
  const at = top[master];
  if (!at) return [];
  return [top[master - 1], top[master + 1]].flatMap((node) => {
    if (!node) return [];
    const y = node.y + HEAD / 2;
    const [left, right] = node.x < at.x ? [node, at] : [at, node];
    return [
      {
        ...{
          from: at.name,
          to: node.name,
          status: node.status,
          what: `${at.name} to ${node.name}`,
        },
        points: [
          [left.x + left.width, y],
          [right.x, y],
        ] as const,
      },
    ];
  });
}

function branch(
  worker: WorkerStatus,
  node: Node,
  gutter: number,
  trunk: number,
  top: readonly Node[],
): Link {
  const master = top.find(({ role }) => role === 'master') ?? top[0];
  const y = node.y + HEAD / 2;
  const start = master ? master.x + master.width / 2 : gutter;
  const tunnel = worker.tunnels.map(({ state }) => `, tunnel ${state}`).join('');
  const share = worker.mounts.map(({ state }) => `, share ${state}`).join('');
  return {
    ...{ from: master?.name ?? '', to: node.name, status: statusOfPath(worker) },
    what: `${worker.name}: ${worker.worker?.state ?? worker.state}${share}${tunnel}`,
    points: [
      [start, master ? master.y + HEAD : trunk],
      [start, trunk],
      [gutter, trunk],
      [gutter, y],
      [node.x, y],
    ],
  };
}

/** The way is as good as what goes over it. */
function statusOfPath({ worker, mounts, tunnels, state }: WorkerStatus): Status {
  const statuses = [worker, ...mounts, ...tunnels].flatMap((thing) =>
    thing ? [thing.status] : [],
  );
  if (statuses.includes('bad') || state === 'unreachable') return 'bad';
  if (statuses.includes('off')) return 'off';
  return statuses.length === 0 ? 'unknown' : 'good';
}
