import { styleText } from 'node:util';
import { plural } from '../../engine/extend.ts';
import type { Thing } from '../../engine/sdk.ts';
import { groupFindings, hostsInWords } from './finding_groups.ts';
import {
  type BoardStatus,
  isKeptIdle,
  type LabStatus,
  type Status,
  stateOfBoard,
  type WorkerStatus,
} from './lab_status.ts';

/** How and where a status is shown. */
export interface StatusLook {
  readonly colour: 'yes' | 'no';
  /** Columns of the terminal; lines are cut there, and tables leave out what matters least. */
  readonly width: number;
  readonly table: 'workers' | 'boards';
}

type Style = Parameters<typeof styleText>[0];

const SIGNS: Readonly<Record<Status, readonly [sign: string, style: Style]>> = {
  good: ['●', 'green'],
  warning: ['▲', 'yellow'],
  bad: ['✖', 'red'],
  off: ['○', 'dim'],
  unknown: ['?', 'dim'],
};

/** The longest name that keeps its whole length where room is short. */
const NAME_ROOM = 24;

/** Findings that are listed below the table; `check` shows all. */
const FINDINGS_SHOWN = 8;

/** A column of a table. */
interface Column<Row> {
  readonly title: string;
  /** Columns with the highest number are left out first; those with 0 never. */
  readonly rank: number;
  cell(row: Row): string;
}

const workerColumns: readonly Column<WorkerStatus>[] = [
  { title: 'WORKER', rank: 0, cell: ({ name }) => name },
  { title: 'STATE', rank: 0, cell: stateOf },
  { title: 'HEALTH', rank: 3, cell: ({ worker }) => detail(worker, 'health') },
  { title: 'VERSION', rank: 6, cell: ({ worker }) => detail(worker, 'version') },
  { title: 'LAST PING', rank: 4, cell: ({ worker }) => ago(worker?.details?.['last ping']) },
  { title: 'AGENT', rank: 5, cell: ({ agent }) => agent?.state ?? '' },
  { title: 'MOUNT', rank: 2, cell: ({ mounts }) => mounts.map(({ state }) => state).join(', ') },
  { title: 'CONSOLES', rank: 1, cell: ({ boards }) => upOf(boards) },
  { title: 'BOARDS', rank: 0, cell: ({ boards }) => boardsInWords(boards) },
  { title: 'JOBS', rank: 1, cell: ({ worker }) => detail(worker, 'running jobs') },
];

const boardColumns: readonly Column<BoardStatus>[] = [
  { title: 'BOARD', rank: 0, cell: ({ name }) => name },
  { title: 'WORKER', rank: 0, cell: ({ worker }) => worker },
  { title: 'TYPE', rank: 4, cell: ({ type }) => type ?? '' },
  { title: 'STATE', rank: 0, cell: stateOfBoard },
  { title: 'HEALTH', rank: 1, cell: ({ device }) => detail(device, 'health') },
  { title: 'JOB', rank: 2, cell: ({ device }) => detail(device, 'job') },
  { title: 'CONSOLE', rank: 1, cell: ({ console: line }) => line?.state ?? '' },
  { title: 'PORT', rank: 3, cell: ({ console: line }) => detail(line, 'port') },
  { title: 'CLIENT', rank: 5, cell: ({ console: line }) => detail(line, 'client') },
  { title: 'ADAPTER', rank: 2, cell: ({ adapter }) => adapter?.state ?? '' },
  { title: 'SERIAL', rank: 6, cell: ({ adapter }) => detail(adapter, 'serial') },
];

/** The state of a lab in one look: services, a table, and what is wrong. */
export function statusText(status: LabStatus, look: StatusLook): string {
  const { services, workers, findings } = status;
  const boards = workers.flatMap((worker) => worker.boards);
  const table =
    look.table === 'boards'
      ? tableText(boards, boardColumns, look)
      : tableText(workers, workerColumns, look);
  const told = groupFindings(findings.filter(({ severity }) => severity !== 'note'));
  const hidden = told.length - FINDINGS_SHOWN;
  const lines = [
    ...services.map((thing) => serviceLine(thing, look)),
    ...(services.length > 0 ? [''] : []),
    ...table,
    '',
    ...told.slice(0, FINDINGS_SHOWN).map(({ hosts, severity, what }) => {
      const style = severity === 'problem' ? 'red' : 'yellow';
      return `${paint(look, style, severity.padEnd(8))} ${cut(`${hostsInWords(hosts)}: ${what}`, look.width - 9)}`;
    }),
    ...(hidden > 0 ? [`and ${hidden} more`] : []),
    ...(told.length > 0 ? ['lava-play check shows evidence and fixes', ''] : []),
    cut(summary(status), look.width),
  ];
  return `${lines.join('\n')}\n`;
}

function serviceLine({ kind, host, state, status, details }: Thing, look: StatusLook): string {
  const more = Object.entries(details ?? {}).map(([key, value]) => `${key} ${value}`);
  const words = [`${kind.padEnd(8)} ${host}`, state, ...more].join('  ');
  return `${sign(status, look)} ${cut(words, look.width - 2)}`;
}

function tableText<Row extends { readonly status: Status }>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  look: StatusLook,
): readonly string[] {
  if (rows.length === 0) return ['nothing to show'];
  const told = columns.filter(
    ({ rank, cell }) => rank === 0 || rows.some((row) => cell(row) !== ''),
  );
  const texts = (column: Column<Row>, room: number): readonly string[] =>
    [column.title, ...rows.map((row) => column.cell(row))].map((text) => cut(text, room));
  const widthOf = (shown: readonly Column<Row>[], room: number): number =>
    shown
      .map((column) => 2 + Math.max(...texts(column, room).map((text) => text.length)))
      .reduce((sum, width) => sum + width, 0);
  let shown = told;
  let room = Number.POSITIVE_INFINITY;
  while (widthOf(shown, room) > look.width) {
    const last = Math.max(...shown.map(({ rank }) => rank));
    if (room > NAME_ROOM) room = NAME_ROOM;
    else if (last > 0) shown = shown.filter(({ rank }) => rank !== last);
    else break;
  }
  const cells = shown.map((column) => {
    const column_ = texts(column, room);
    const width = Math.max(...column_.map((text) => text.length));
    return column_.map((text) => text.padEnd(width));
  });
  const line = (index: number): string => cells.map((column) => column[index] ?? '').join('  ');
  return [
    paint(look, 'bold', `  ${line(0).trimEnd()}`),
    ...rows.map(({ status }, i) => `${sign(status, look)} ${line(i + 1).trimEnd()}`),
  ];
}

/** What the master says of a worker, else whether it can be reached at all. */
function stateOf({ worker, state }: WorkerStatus): string {
  if (worker) return state === 'unreachable' ? `${worker.state}, no login` : worker.state;
  return state === 'unreachable' ? 'unreachable' : '?';
}

function upOf(boards: readonly BoardStatus[]): string {
  const consoles = boards.flatMap((board) => (board.console ? [board.console] : []));
  if (consoles.length === 0) return '';
  return `${consoles.filter(({ status }) => status === 'good').length}/${consoles.length}`;
}

/** `8: 1 bad, 5 idle, 2 running`: trouble first; only the number where the master does not know them. */
function boardsInWords(boards: readonly BoardStatus[]): string {
  const counts = new Map<string, number>();
  const devices = boards.flatMap((board) =>
    board.device ? [{ ...board, device: board.device }] : [],
  );
  for (const board of devices.toSorted((a, b) => troubleFirst(a.device, b.device))) {
    const { device } = board;
    const isOut = device.status === 'bad' || device.status === 'off';
    const word = (isOut && detail(device, 'health')) || (isKeptIdle(board) ? 'held' : device.state);
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  const words = [...counts].map(([word, count]) => `${count} ${word.toLowerCase()}`);
  return [String(boards.length), words.join(', ')].filter((text) => text !== '').join(': ');
}

function troubleFirst(a: Thing, b: Thing): number {
  const rank = ({ status }: Thing): number => ['bad', 'warning', 'off', 'good'].indexOf(status);
  return rank(a) - rank(b) || a.state.localeCompare(b.state);
}

function summary({ inventory, time, seconds, hosts, workers }: LabStatus): string {
  const boards = workers.flatMap((worker) => worker.boards).length;
  const at = new Date(time).toTimeString().slice(0, 8);
  return `${inventory} at ${at}: ${plural(hosts.length, 'host')}, ${plural(boards, 'board')}, ${seconds.toFixed(1)} s`;
}

function ago(seconds: string | number | undefined): string {
  if (typeof seconds !== 'number') return '';
  if (seconds < 120) return `${seconds} s ago`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min ago`;
  return `${Math.round(seconds / 3600)} h ago`;
}

function detail(thing: Thing | undefined, key: string): string {
  return String(thing?.details?.[key] ?? '');
}

function cut(text: string, room: number): string {
  return text.length > room ? `${text.slice(0, Math.max(0, room - 1))}…` : text;
}

function sign(status: Status, look: StatusLook): string {
  const [symbol, style] = SIGNS[status];
  return paint(look, style, symbol);
}

function paint({ colour }: StatusLook, style: Style, text: string): string {
  return colour === 'yes' ? styleText(style, text, { validateStream: false }) : text;
}
