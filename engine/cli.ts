import { readFileSync } from 'node:fs';
import { homedir, hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { parseArgs } from 'node:util';
import { apply, plan } from './commands/apply.ts';
import { check } from './commands/check.ts';
import { type Call, type Command, EXIT, type OptionSpec, type World } from './commands/command.ts';
import { facts } from './commands/facts.ts';
import { inventory } from './commands/inventory.ts';
import { modules } from './commands/modules.ts';
import { report } from './commands/report.ts';
import { retire } from './commands/retire.ts';
import { status } from './commands/status.ts';
import { validate } from './commands/validate.ts';
import { HostError, InvalidInput, nearest } from './errors.ts';
import { packageRoot } from './package_root.ts';

const commands: readonly Command[] = [
  apply,
  plan,
  check,
  status,
  report,
  retire,
  validate,
  facts,
  inventory,
  modules,
];

/** Runs the program for this process: arguments and environment in, exit code out. */
export async function main(): Promise<number> {
  const world = worldOfProcess();
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(EXIT.done);
    throw error;
  });
  try {
    return await dispatch(process.argv.slice(2), world);
  } catch (error) {
    if (error instanceof InvalidInput) {
      world.writeError(`${error.message}\n`);
      return EXIT.usage;
    }
    if (error instanceof HostError) {
      const { host, hint, output } = error.context;
      const said = output ? `\n${output.trimEnd().replace(/^/gm, '  | ')}` : '';
      const where = error.message.startsWith(host) ? '' : `${host}: `;
      world.writeError(
        `error: ${where}${error.message}${said}${hint ? `\n  hint: ${hint}` : ''}\n`,
      );
      return error.kind === 'unreachable' ? EXIT.unreachable : EXIT.failed;
    }
    throw error;
  }
}

async function dispatch(argv: readonly string[], world: World): Promise<number> {
  const [word, ...rest] = argv;
  if (word === undefined || word === '--help' || word === '-h' || word === 'help') {
    const topic = commands.find(({ name }) => name === rest[0]);
    world.write(topic ? commandHelp(topic) : programHelp());
    return word === undefined ? EXIT.usage : EXIT.done;
  }
  if (word === '--version') {
    const file = readFileSync(join(packageRoot(), 'package.json'), 'utf8');
    world.write(`${JSON.parse(file).version}\n`);
    return EXIT.done;
  }
  const command = commands.find(({ name }) => name === word);
  if (!command) throw unknownWord(word);
  if (rest.includes('--help') || rest.includes('-h')) {
    world.write(commandHelp(command));
    return EXIT.done;
  }
  return command.run(callOf(command, rest), world);
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
  const hint = near
    ? `did you mean '${near}'?`
    : `lava-play ${command.name} --help lists the options`;
  return new InvalidInput([{ code: 'usage', message, hint }]);
}

function unknownWord(word: string): InvalidInput {
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
  return new InvalidInput([{ code: 'usage', message: `there is no command '${word}'`, hint }]);
}

function programHelp(): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  const rows = commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`);
  return [
    'lava-play: builds and keeps a distributed LAVA lab from one YAML inventory, over SSH',
    '',
    'Usage: lava-play COMMAND [OPTIONS] [ARGUMENTS]',
    '',
    ...rows,
    '',
    'lava-play COMMAND --help shows the options of a command; lava-play --version the version.',
    'The inventory is inventory.yaml in this folder where a command names none.',
    '',
  ].join('\n');
}

function commandHelp({ name, summary, positionals, details, options }: Command): string {
  const heads = Object.entries(options).map(([option, spec]) => optionHead(option, spec));
  const width = Math.max(0, ...heads.map((head) => head.length));
  const rows = Object.values(options).map(
    ({ text }, i) => `  ${(heads[i] ?? '').padEnd(width)}  ${text}`,
  );
  return [
    `Usage: lava-play ${name} [OPTIONS] ${positionals}`,
    '',
    `${summary[0]?.toUpperCase()}${summary.slice(1)}.`,
    ...(details ? [details] : []),
    '',
    ...rows,
    '',
  ].join('\n');
}

function optionHead(name: string, { short, value }: OptionSpec): string {
  return `${short ? `-${short}, ` : '    '}--${name}${value ? ` ${value}` : ''}`;
}

function worldOfProcess(): World {
  const { stdin, stdout, stderr, env } = process;
  const { username } = userInfo();
  const isTerminal = stdout.isTTY && env.TERM !== 'dumb';
  return {
    environment: {
      home: homedir(),
      user: username,
      cwd: process.cwd(),
      variable: (name: string) => env[name],
      sshAgent: env.SSH_AUTH_SOCK,
    },
    holder: `${username}@${hostname()}`,
    write: (text) => void stdout.write(text),
    writeError: (text) => void stderr.write(text),
    terminal: isTerminal ? { rows: stdout.rows, columns: stdout.columns } : undefined,
    colour: isTerminal && !env.NO_COLOR ? 'yes' : 'no',
    ask: stdin.isTTY ? askAtTerminal : undefined,
    stop: stopSignal(),
  };
}

/** Aborts at the first Ctrl-C or SIGTERM; the second ends the process, and the hosts notice the lost connection. */
function stopSignal(): AbortSignal {
  const controller = new AbortController();
  const onSignal = (): void => {
    if (controller.signal.aborted) process.exit(EXIT.interrupted);
    controller.abort();
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  return controller.signal;
}

function askAtTerminal(question: string, answer: 'shown' | 'hidden'): Promise<string> {
  process.stderr.write(question);
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
