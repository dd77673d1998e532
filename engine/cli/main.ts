import { readFileSync } from 'node:fs';
import { homedir, hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { parseArgs } from 'node:util';
import { HostError, InvalidInput, NotWritten } from '../contract/errors.ts';
import { packageRoot } from '../read/installed/package_root.ts';
import { jsonReporter } from '../report/json.ts';
import { visible } from '../report/visible.ts';
import { nearest } from '../values/nearest.ts';
import { ANSIBLE_OPTIONS } from './ansible_options.ts';
import { apply, plan } from './apply.ts';
import { check } from './check.ts';
import {
  type Call,
  type Command,
  EXIT,
  type OptionSpec,
  type Program,
  STACKS,
  type World,
} from './command.ts';
import { facts } from './facts.ts';
import { inventory } from './inventory.ts';
import { modules } from './modules.ts';
import { newModule } from './new_module.ts';
import { type Loss, type Outlets, openOutlets } from './outlets.ts';
import { type Stopping, stopAtSignals } from './stop_at_signals.ts';
import { testModules } from './test_modules.ts';
import { unlock } from './unlock.ts';
import { validate } from './validate.ts';
import { withoutVariables } from './without_variables.ts';

/** Runs a program for this process: arguments and environment in, exit code out. */
export async function main(program: Program): Promise<number> {
  const stopping = stopAtSignals();
  let whenUnread: 'stop' | 'leave' = 'leave';
  const outlets = openOutlets({
    stdout: process.stdout,
    stderr: process.stderr,
    onLost(loss) {
      if (whenUnread === 'leave') process.exit(codeOf(loss));
      stopping.stop();
    },
  });
  const world = worldOfProcess(program, outlets, stopping);
  const code = await ending(world, () =>
    dispatch(process.argv.slice(2), world, (policy) => {
      whenUnread = policy;
    }),
  );
  const loss = await outlets.settled();
  return loss !== undefined && SAYS_NOTHING_OF_LOSS.includes(code) ? codeOf(loss) : code;
}

/** Codes of ends at which nobody would look for what was not said. */
const SAYS_NOTHING_OF_LOSS: readonly number[] = [EXIT.done, EXIT.changesPending, EXIT.interrupted];

function codeOf(loss: Loss): number {
  return loss === 'closed' ? EXIT.unread : EXIT.failed;
}

/** Does the work and says in one sentence why it could not be done. */
async function ending(world: World, work: () => Promise<number>): Promise<number> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof InvalidInput) {
      if (process.argv.includes('--json')) {
        const { report } = jsonReporter(world.write);
        for (const mistake of error.diagnostics) report({ type: 'mistake', mistake });
      }
      world.writeError(`${visible(error.message)}\n`);
      return EXIT.usage;
    }
    if (error instanceof HostError) {
      const { host, hint, output } = error.context;
      const said = output ? `\n${output.trimEnd().replace(/^/gm, '  | ')}` : '';
      const where = error.message.startsWith(host) ? '' : `${host}: `;
      const sentence = `${where}${error.message}${said}${hint ? `\n  hint: ${hint}` : ''}`;
      world.writeError(`error: ${visible(sentence)}\n`);
      return error.kind === 'unreachable' ? EXIT.unreachable : EXIT.failed;
    }
    if (error instanceof NotWritten) {
      world.writeError(`error: ${error.message}\n`);
      return EXIT.failed;
    }
    const { message, stack } = error instanceof Error ? error : new Error(String(error));
    const shown = world.environment.variable(STACKS) ? stack : `  hint: ${STACKS}=1 shows where`;
    world.writeError(`error: internal error: ${visible(message)}\n${shown}\n`);
    return EXIT.failed;
  }
}

function commandsOf({ commands }: Program): readonly Command[] {
  return [
    apply,
    plan,
    check,
    ...commands,
    unlock,
    validate,
    facts,
    inventory,
    modules,
    newModule,
    testModules,
  ];
}

async function dispatch(
  argv: readonly string[],
  world: World,
  whenUnread: (policy: 'stop' | 'leave') => void,
): Promise<number> {
  const [word, ...rest] = argv;
  const commands = commandsOf(world.program);
  if (word === undefined || word === '--help' || word === '-h' || word === 'help') {
    const topic = commands.find(({ name }) => name === rest[0]);
    world.write(topic ? commandHelp(topic, world.program) : programHelp(world.program, commands));
    return word === undefined ? EXIT.usage : EXIT.done;
  }
  if (word === '--version') {
    const file = readFileSync(join(packageRoot(), 'package.json'), 'utf8');
    world.write(`${JSON.parse(file).version}\n`);
    return EXIT.done;
  }
  const command = commands.find(({ name }) => name === word);
  if (!command) throw unknownWord(word, commands);
  if (rest.includes('--help') || rest.includes('-h')) {
    world.write(commandHelp(command, world.program));
    return EXIT.done;
  }
  const call = callOf(command, rest);
  whenUnread(command.whenUnread?.(call) ?? 'leave');
  return command.run(call, world);
}

function callOf(command: Command, argv: readonly string[]): Call {
  const options = Object.fromEntries(
    Object.entries(command.options).map(([name, { type, short, multiple }]) => [
      name,
      { type, ...(short && { short }), ...(multiple && { multiple }) },
    ]),
  );
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      options,
      allowPositionals: true,
      strict: true,
    });
    const textsOf = (name: string): readonly string[] =>
      [values[name]].flat().filter((value) => typeof value === 'string');
    return {
      positionals,
      flag: (name) => values[name] === true,
      text: (name) => textsOf(name).at(-1),
      texts: textsOf,
    };
  } catch (error) {
    throw badOption(command, error);
  }
}

function badOption(command: Command, error: unknown): InvalidInput {
  const said = error instanceof Error ? error.message : String(error);
  const unknown = /^Unknown option '(-[^']*)'/.exec(said)?.[1];
  const message = unknown
    ? `${command.name} has no option '${unknown}'`
    : (said.split('\n')[0] ?? said);
  const known = Object.keys(command.options).map((name) => `--${name}`);
  const near = unknown && nearest(unknown, known);
  const ofAnsible = unknown && ANSIBLE_OPTIONS[unknown.replace(/=.*/, '')];
  const hint = ofAnsible
    ? ofAnsible
    : near
      ? `did you mean '${near}'?`
      : `lava-play ${command.name} --help lists the options`;
  return new InvalidInput([{ code: 'usage', message, hint }]);
}

function unknownWord(word: string, commands: readonly Command[]): InvalidInput {
  const near = nearest(
    word,
    commands.map(({ name }) => name),
  );
  const looksLikeFile = /\.ya?ml$/.test(word);
  const hint = near
    ? `did you mean '${near}'?`
    : looksLikeFile
      ? `lava-play apply ${word}`
      : 'lava-play --help lists the commands';
  return new InvalidInput([{ code: 'usage', message: `unknown command '${word}'`, hint }]);
}

function programHelp({ summary }: Program, commands: readonly Command[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  const rows = commands.map(({ name, summary: text }) => `  ${name.padEnd(width)}  ${text}`);
  return [
    `lava-play: ${summary}`,
    '',
    'Usage: lava-play COMMAND [OPTIONS] [ARGUMENTS]',
    '',
    ...rows,
    '',
    'lava-play COMMAND --help shows the options of a command; lava-play --version shows the version.',
    'If no inventory is given, inventory.yaml in the current folder is used.',
    '',
  ].join('\n');
}

function commandHelp(
  { name, summary, positionals, details, options }: Command,
  program: Program,
): string {
  const more = typeof details === 'function' ? details(program) : details;
  const heads = Object.entries(options).map(([option, spec]) => optionHead(option, spec));
  const width = Math.max(0, ...heads.map((head) => head.length));
  const rows = Object.values(options).map(
    ({ text }, i) => `  ${(heads[i] ?? '').padEnd(width)}  ${text}`,
  );
  return [
    `Usage: lava-play ${name} [OPTIONS] ${positionals}`,
    '',
    `${summary[0]?.toUpperCase()}${summary.slice(1)}.`,
    ...(more ? [more] : []),
    '',
    ...rows,
    '',
  ].join('\n');
}

function optionHead(name: string, { short, value }: OptionSpec): string {
  return `${short ? `-${short}, ` : '    '}--${name}${value ? ` ${value}` : ''}`;
}

function worldOfProcess(
  program: Program,
  { write, writeError }: Outlets,
  stopping: Stopping,
): World {
  const { stdin, stdout, env } = process;
  const { username } = userInfo();
  const isTerminal = stdout.isTTY && env.TERM !== 'dumb';
  return {
    program,
    environment: {
      home: homedir(),
      user: username,
      cwd: process.cwd(),
      variable: (name: string) => env[name],
      sshAgent: env.SSH_AUTH_SOCK,
    },
    operator: {
      name: `${username}@${hostname()}`,
      command: ['lava-play', ...withoutVariables(process.argv.slice(2))].join(' '),
    },
    write,
    writeError,
    terminal: isTerminal ? { rows: stdout.rows, columns: stdout.columns } : undefined,
    colour: isTerminal && !env.NO_COLOR ? 'yes' : 'no',
    ask: stdin.isTTY ? askAtTerminal : undefined,
    get stop() {
      return stopping.signal();
    },
  };
}

function askAtTerminal(question: string, answer: 'shown' | 'hidden'): Promise<string> {
  process.stderr.write(visible(question));
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({
    input: process.stdin,
    output: answer === 'shown' ? process.stderr : silent,
    terminal: true,
  });
  return new Promise((resolve) => {
    lines.on('line', (line) => {
      resolve(line);
      lines.close();
      if (answer === 'hidden') process.stderr.write('\n');
    });
    lines.on('close', () => resolve(''));
    lines.on('SIGINT', () => {
      lines.close();
      process.kill(process.pid, 'SIGINT');
    });
  });
}
