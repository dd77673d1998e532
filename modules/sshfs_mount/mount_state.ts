import { FUSE_SSHFS } from '../../lab/share/mount.ts';

/** A mount as the kernel has it. */
export interface SeenMount {
  readonly type: string;
  readonly source: string;
  /** What setuid bits and device nodes in it are worth. */
  readonly power: 'honoured' | 'ignored';
}

/** What a host says about a mount point. */
export interface MountState {
  /** All that is mounted there, the topmost last. */
  readonly mounts: readonly SeenMount[];
  /** Whether the unit of that mount point is there; then an sshfs mount of any source is its work. */
  readonly hasUnit: boolean;
  /** How the mount answers a question, in the words of the C library; empty when it does not, or is none. */
  readonly answer: string;
  /** Free blocks for others than root on the master; nothing when the mount did not say. */
  readonly free: number | undefined;
  /** Some of what lies at the place while nothing is mounted there. */
  readonly below: readonly string[];
  /** The last that sshfs said when it did not get to mount, such as what `/etc/fuse.conf` forbids; empty for nothing. */
  readonly lastWords: string;
  /** The place is there and is not a folder. */
  readonly blocked: boolean;
  /** What is wrong with the way to the master; nothing when it answers, or was not asked. */
  readonly trouble: string | undefined;
}

/** How a mount stands in one word. */
export type MountVerdict =
  | 'mounted'
  /** Nothing is mounted. */
  | 'absent'
  /** The sshfs behind it has ended. */
  | 'dead'
  /** It does not answer, or has no connection. */
  | 'stale'
  /** Several lie one over the other. */
  | 'stacked'
  /** Somebody else has mounted something there. */
  | 'foreign';

/** A verdict, and why. */
export interface Judgement {
  readonly verdict: MountVerdict;
  /** Completes `PATH is …`. */
  readonly words: string;
}

/** Reads what `mountProbe` printed. */
export function parseMountState(output: string): MountState {
  const all = (word: string): readonly string[] =>
    [...output.matchAll(new RegExp(`^${word} (.*)$`, 'gm'))].map(([, text = '']) => text);
  const answers = all('answer');
  const space = answers.map((line) => /^space \d+ (\d+)$/.exec(line)?.[1]).find(Boolean);
  return {
    mounts: all('mount').map((line) => {
      const [type = '', source = '', options = ''] = line.split(' ');
      const words = options.split(',');
      const isInert = words.includes('nosuid') && words.includes('nodev');
      return { type, source, power: isInert ? 'ignored' : 'honoured' };
    }),
    hasUnit: /^unit$/m.test(output),
    answer: answerIn(answers),
    free: space === undefined ? undefined : Number(space),
    below: all('below'),
    lastWords: all('said')[0] ?? '',
    blocked: /^blocked$/m.test(output),
    trouble: troubleIn(all('master')[0]),
  };
}

/** How the mount of a source stands. */
export function judgeMount(now: MountState, source: string): Judgement {
  const { mounts, hasUnit, answer } = now;
  const foreign = mounts.find(
    (each) => each.type !== FUSE_SSHFS || (!hasUnit && each.source !== source),
  );
  if (foreign) {
    return { verdict: 'foreign', words: `a mount of ${foreign.source} (${foreign.type})` };
  }
  if (mounts.length > 1) {
    return { verdict: 'stacked', words: `mounted ${mounts.length} times, one over the other` };
  }
  if (mounts.length === 0) return { verdict: 'absent', words: 'not mounted' };
  switch (answer) {
    case '':
      return { verdict: 'stale', words: 'stale' };
    case 'Input/output error':
      return { verdict: 'stale', words: 'stale, without a connection' };
    case 'Transport endpoint is not connected':
      return { verdict: 'dead', words: 'dead: its sshfs has ended' };
    default:
      return { verdict: 'mounted', words: `mounted from ${mounts[0]?.source}` };
  }
}

/** What the master could do here by a setuid file; nothing where its bits are ignored. */
export function powerThrough({ mounts }: MountState): string | undefined {
  return mounts.some(({ power }) => power === 'honoured') ? 'setuid honoured' : undefined;
}

/** What is wrong although the master answers through the mount. */
export function troubleThrough({ mounts, answer, free }: MountState): string | undefined {
  if (mounts.length !== 1 || answer === '') return undefined;
  if (answer !== WORKS) return `the master says: ${answer}`;
  return free === 0 ? "the master's file system is full" : undefined;
}

/** The name that is asked for is not there, and the folder around it is. */
const WORKS = 'No such file or directory';

/** The second line, about the folder itself, counts when the first is as it should be. */
function answerIn([first = 'none', second = '']: readonly string[]): string {
  if (first === 'none') return '';
  if (first !== WORKS) return first;
  return second.startsWith('space ') ? WORKS : `${second} (the folder itself)`;
}

/** Words for how a connection to the master's port ended, by the exit status of timeout(1) and what bash said. */
function troubleIn(line: string | undefined): string | undefined {
  if (line === undefined) return undefined;
  const [status, ...words] = line.split(' ');
  const said = words.join(' ');
  if (status === '0') return said.startsWith('SSH-') ? undefined : 'is not an SSH server';
  if (status === '127') return undefined;
  if (/refused/.test(said)) return 'refuses connections';
  if (/not known|name resolution|No address/.test(said))
    return 'has a name that cannot be resolved';
  if (/unreachable|No route/.test(said)) return 'cannot be reached: there is no route to it';
  return 'does not answer';
}
