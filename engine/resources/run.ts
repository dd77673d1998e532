import { NOT_NOW, Refused, type Resource } from '../contract/resource.ts';
import { sha256 } from '../script/digest.ts';
import { isolated, printText, sh } from '../script/shell.ts';
import type { Fields } from '../values/values.ts';
import { action } from './action.ts';
import { command } from './command.ts';
import { expandedWord, pathPattern } from './shell_words.ts';

/** When a command of a task is to run; without any of these it runs once in each run. */
export interface RunGuards {
  /** A path, or a pattern of paths; the command is done once one is there. */
  readonly creates?: string;
  /** A path, or a pattern of paths; the command is done once none is there. */
  readonly removes?: string;
  /** Shell that changes nothing; the command is done once it succeeds. */
  readonly unless?: string;
  /** Shell that changes nothing; the command is called for while it succeeds. */
  readonly onlyif?: string;
}

/** A command as a task gives it. */
export interface RunOptions extends RunGuards {
  /** What it is called beside `run`: the command line. */
  readonly name: string;
  /** Shell that ends with the command, whose exit status is that of the task. */
  readonly script: string;
  readonly chdir?: string;
  /** What the command reads. */
  readonly stdin?: string;
  /** Whether `stdout` and `stderr` lose the line breaks at their end; yes unless set. */
  readonly strip?: boolean;
}

/** The arguments that tell when and where a command runs, for the schema of a module. */
export const RUN_ARGUMENTS = {
  chdir: { type: 'string', minLength: 1, description: 'The folder in which it runs' },
  creates: {
    type: 'string',
    minLength: 1,
    description: 'A path or pattern: once it is there, the command is not run',
  },
  removes: {
    type: 'string',
    minLength: 1,
    description: 'A path or pattern: once it is gone, the command is not run',
  },
  unless: {
    type: 'string',
    minLength: 1,
    description: 'Shell that changes nothing: once it succeeds, the command is not run',
  },
  onlyif: {
    type: 'string',
    minLength: 1,
    description: 'Shell that changes nothing: while it fails, the command is not run',
  },
} as const;

/** What a command reads, for the schema of a module. */
export const STDIN_ARGUMENTS = {
  stdin: { type: 'string', description: 'What the command reads' },
  stdin_add_newline: {
    type: 'boolean',
    default: true,
    description: 'Whether stdin ends with a line break',
  },
  strip_empty_ends: {
    type: 'boolean',
    default: true,
    description: 'Whether stdout and stderr lose the line breaks at their end',
  },
} as const;

/** A command that a task gives: with guards a resource like any other, without an action. */
export function run(options: RunOptions): Resource {
  const { name, creates, removes, unless, onlyif, strip = true } = options;
  const script = whole(options);
  const title = `run ${firstLine(name)}`;
  if ([creates, removes, unless, onlyif].every((guard) => guard === undefined)) {
    return action({
      id: title,
      script,
      display: name,
      result: ({ rc, stdout, stderr }) => ({ rc, ...shown({ stdout, stderr, strip }) }),
    });
  }
  const done = [
    ...(creates === undefined ? [] : [isThere(creates, options)]),
    ...(unless === undefined ? [] : [inFolder(unless, options)]),
  ];
  const needed = [
    ...(removes === undefined ? [] : [isThere(removes, options)]),
    ...(onlyif === undefined ? [] : [inFolder(onlyif, options)]),
  ];
  const guarded = command({
    name: title,
    run: `( set +e; ${isolated(script)}; rc=$?; [ $rc -ne ${NOT_NOW} ] || rc=1; exit $rc )`,
    unless: done.length === 0 ? 'false' : done.join(' || '),
    ...(needed.length > 0 && { onlyIf: needed.join(' && ') }),
    display: name,
  });
  return {
    ...guarded,
    result: (now): Fields => ({
      rc: 0,
      ...shown({ stdout: now === 'done' ? 'not called for' : '', stderr: '', strip }),
    }),
  };
}

/** Shell that lets a program read a script, which is not an argument that `ps` could show, and keeps its standard input. */
export function scriptFor(program: string, text: string): string {
  if (text.includes('\0')) throw new Refused('a command cannot contain a NUL byte');
  const end = `LAVA_PLAY_${sha256(text).slice(0, 16)}`;
  return `exec ${sh`${program}`} /dev/fd/3 3<<'${end}'\n${text}\n${end}`;
}

/** Fields of a result that a command's output gives, as Ansible names them. */
function shown({
  stdout,
  stderr,
  strip,
}: {
  readonly stdout: string;
  readonly stderr: string;
  readonly strip: boolean;
}): Fields {
  const ended = (text: string): string => (strip ? text.replace(/[\r\n]+$/, '') : text);
  return {
    ...{ stdout: ended(stdout), stdout_lines: linesOf(ended(stdout)) },
    ...{ stderr: ended(stderr), stderr_lines: linesOf(ended(stderr)) },
  };
}

function linesOf(text: string): readonly string[] {
  return text === '' ? [] : text.replace(/\r?\n$/, '').split(/\r?\n/);
}

function whole({ script, chdir, stdin }: RunOptions): string {
  const inside = chdir === undefined ? script : `cd ${expandedWord(chdir)} || exit 1\n${script}`;
  return stdin === undefined ? inside : `{ ${printText(stdin)}} | (\n${inside}\n)`;
}

function inFolder(script: string, { chdir }: RunOptions): string {
  const plain = `( set +u; ${sh`eval ${script}`} )`;
  return chdir === undefined ? plain : `( cd ${expandedWord(chdir)} && ${plain} )`;
}

function isThere(path: string, { chdir }: RunOptions): string {
  const folder = chdir === undefined ? '' : `cd ${expandedWord(chdir)} || exit 1; `;
  return `( ${folder}for f in ${pathPattern(path)}; do if [ -e "$f" ] || [ -L "$f" ]; then exit 0; fi; done; exit 1 )`;
}

function firstLine(text: string): string {
  const [first = '', ...more] = text.trim().split('\n');
  const cut = first.length > 60 ? `${first.slice(0, 57)}...` : first;
  return more.length > 0 && cut === first ? `${first} ...` : cut;
}
