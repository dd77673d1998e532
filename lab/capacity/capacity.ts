import { isList } from '../../engine/extend.ts';
import type { Finding, LabQuery, LabView } from '../../engine/sdk.ts';
import { DISKS, holding, readSpaces } from '../host/disk.ts';
import { readStrain, STRAIN } from '../host/strain.ts';

/**
 * What boards take when all of them run a job; rules of thumb, for the founding document says only that packing and
 * unpacking an image "blocks one processor".
 */
const PER_BOARD = {
  /** Boards whose jobs one processor can pack and unpack images for, by turns. */
  perProcessor: 8,
  /** A running job's own process with what it keeps, in KiB. */
  memory: 160 * 1024,
  /** Images and results of a running job, in KiB. */
  disk: 3 * 1024 ** 2,
};

const MARK = '-- disks';

/** Where dispatchers put images, and where an instance of lava-deployment-tool does. */
const WORK = { debian: '/var/lib/lava/dispatcher', instance: '/srv/lava/instances' };

/** How many boards a worker could serve, and what would stop it first. */
interface Capacity {
  readonly host: string;
  readonly boards: readonly string[];
  /** It had enough to do in the last quarter of an hour. */
  readonly isBusy: boolean;
  readonly limits: readonly {
    readonly boards: number;
    readonly by: string;
    readonly evidence: string;
  }[];
}

/** Workers with more boards than they can serve, and who could take some. */
export function capacity(lab: LabView): LabQuery {
  return {
    id: 'lab.capacity',
    of: 'workers',
    probe: [STRAIN, `echo '${MARK}'`, DISKS].join('\n'),
    judge: (outputs) =>
      judgeCapacity(Object.entries(outputs).map(([host, output]) => read(host, output, lab))),
  };
}

function judgeCapacity(workers: readonly Capacity[]): readonly Finding[] {
  const room = new Map(workers.map((worker) => [worker.host, roomOf(worker)]));
  return workers.flatMap(({ host, boards, limits }) => {
    const [tightest] = limits.filter((limit) => limit.boards < boards.length);
    if (!tightest) return [];
    const over = boards.length - tightest.boards;
    const moving = boards.slice(-over);
    const takers = [...room].filter(([other, free]) => other !== host && free > 0);
    const taker = takers.toSorted(([, a], [, b]) => b - a)[0];
    return [
      {
        host,
        severity: 'warning',
        what: `this worker has ${boards.length} ${boards.length === 1 ? 'board' : 'boards'} but ${tightest.by} for only about ${tightest.boards}, if all run a job at once`,
        evidence: tightest.evidence,
        fix: taker
          ? `move ${moving.slice(0, taker[1]).join(', ')} to ${taker[0]}, which has room for ${taker[1]} more; or limit its jobs`
          : 'add a worker, or limit the jobs that this one runs at a time (job_limit)',
        subject: 'capacity',
      },
    ];
  });
}

function roomOf({ boards, limits, isBusy }: Capacity): number {
  if (isBusy || limits.length === 0) return 0;
  return Math.max(0, Math.min(...limits.map((limit) => limit.boards)) - boards.length);
}

function read(host: string, output: string, { hosts }: LabView): Capacity {
  const [strainText = '', disks = ''] = output.split(`${MARK}\n`);
  const { processors, memory, load, isContainer } = readStrain(strainText);
  const boards = hosts[host]?.vars.boards;
  const names = (isList(boards) ? boards : []).map((board) =>
    typeof board === 'object' && board !== null && 'name' in board ? String(board.name) : '?',
  );
  const spaces = readSpaces(disks);
  const work = Object.values(WORK).map((path) => holding(path, spaces));
  const disk = work.toSorted((a, b) => (b?.total ?? 0) - (a?.total ?? 0))[0];
  const limits = [
    {
      of: processors,
      boards: processors * PER_BOARD.perProcessor,
      by: 'processors',
      evidence: `${processors} ${processors === 1 ? 'processor' : 'processors'}, load average ${load[2]} over 15 minutes; one packs images for ${PER_BOARD.perProcessor} boards in turn`,
    },
    {
      of: memory,
      boards: Math.floor(memory / PER_BOARD.memory),
      by: 'memory',
      evidence: `${Math.round(memory / 1024)} MiB of memory; a job takes about ${PER_BOARD.memory / 1024} MiB`,
    },
    ...(disk
      ? [
          {
            of: disk.total,
            boards: Math.floor(disk.free / PER_BOARD.disk),
            by: 'disk space',
            evidence: `${disk.line}; a job takes about ${PER_BOARD.disk / 1024 ** 2} GiB`,
          },
        ]
      : []),
  ];
  const isBusy = !isContainer && load[2] > processors;
  const known = limits.filter(({ of }) => of > 0);
  return { host, boards: names, isBusy, limits: known.toSorted((a, b) => a.boards - b.boards) };
}
