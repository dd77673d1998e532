import { spawn } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Environment } from '../../contract/environment.ts';
import { type Diagnostic, InvalidInput } from '../../contract/errors.ts';
import type { SecretDefinition, SecretValues } from '../../contract/secrets.ts';
import { isGuessable, placeholder, SHORTEST_SECRET } from '../../values/sensitive.ts';

/** Secrets whose values are known. */
export interface ResolvedSecrets {
  readonly value: SecretValues;
  readonly all: readonly string[];
}

/** What secrets may be asked of. */
export interface SecretSources {
  readonly env: Environment;
  /** Asks the person at the terminal; undefined where there is none. */
  readonly prompt: ((question: string) => Promise<string>) | undefined;
}

/** Seconds for a command that prints a secret; long enough to type a passphrase. */
const COMMAND_SECONDS = 120;

/** Stand-ins for a first reading of the files, in which no secret is asked for. */
export const placeholderSecrets: SecretValues = placeholder;

/** Asks every source once; throws InvalidInput with all that failed. */
export async function resolveSecrets(
  definitions: ReadonlyMap<string, SecretDefinition>,
  sources: SecretSources,
): Promise<ResolvedSecrets> {
  const wanted = [...definitions.values()];
  const silent = wanted.filter(({ source }) => !('prompt' in source));
  const asking = wanted.filter(({ source }) => 'prompt' in source);
  const answers = await Promise.all(silent.map((definition) => resolveOne(definition, sources)));
  if (answers.every(({ failure }) => failure === undefined)) {
    for (const definition of asking) answers.push(await resolveOne(definition, sources));
  }
  const failures = answers.flatMap(({ failure }) => failure ?? []);
  if (failures.length > 0) throw new InvalidInput(failures);
  const values = new Map(answers.map(({ name, value }) => [name, value]));
  return { value: (name) => values.get(name) ?? '', all: [...values.values()] };
}

/** Every text that must be masked: the secrets, and passwords that the files hold in clear. */
export function sensitiveValues(
  lab: { readonly sensitive: readonly string[] },
  secrets: ResolvedSecrets | undefined,
): readonly string[] {
  return [...new Set([...lab.sensitive, ...(secrets?.all ?? [])])];
}

/** A warning for each secret that is a plain word, and so cannot be masked wherever it is printed. */
export function guessableSecrets(
  definitions: ReadonlyMap<string, SecretDefinition>,
  { value }: ResolvedSecrets,
): readonly Diagnostic[] {
  return [...definitions.values()]
    .filter(({ name }) => isGuessable(value(name)))
    .map(({ name, place }) => ({
      code: 'weak-secret',
      message: `the secret '${name}' is a plain word or number: it is masked in password fields only, not everywhere`,
      place,
      hint: 'use a long random one: openssl rand -hex 24',
    }));
}

interface Answer {
  readonly name: string;
  readonly value: string;
  readonly failure?: Diagnostic | undefined;
}

async function resolveOne(definition: SecretDefinition, sources: SecretSources): Promise<Answer> {
  const { name, place } = definition;
  try {
    const value = await ask(definition, sources);
    refuseUseless(value);
    return { name, value };
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    const message = `the secret '${name}' ${error.message}`;
    return { name, value: '', failure: { code: 'no-secret', message, place, hint: error.hint } };
  }
}

async function ask({ source, place }: SecretDefinition, sources: SecretSources): Promise<string> {
  const folder = resolve(sources.env.cwd, dirname(place.file));
  if ('env' in source) {
    const value = sources.env.variable(source.env);
    if (value !== undefined) return value;
    throw new Unavailable(`needs the environment variable ${source.env}, which is not set`);
  }
  if ('file' in source) {
    const path = source.file.replace(/^~(?=\/)/, sources.env.home);
    return fromFile(resolve(folder, path));
  }
  if ('command' in source) return fromCommand(source.command, folder);
  if (sources.prompt) return sources.prompt(`${source.prompt.replace(/[:\s]*$/, '')}: `);
  throw new Unavailable(
    'must be entered at a terminal, but there is none',
    'use env, file or command',
  );
}

async function fromFile(file: string): Promise<string> {
  try {
    const status = await stat(file);
    const { mode } = status;
    if (status.isDirectory()) throw new Unavailable(`needs the file ${file}, which is a folder`);
    if ((mode & 0o077) !== 0) {
      const bits = (mode & 0o777).toString(8).padStart(4, '0');
      const message = `is in ${file}, which others may read (mode ${bits})`;
      throw new Unavailable(message, `chmod 600 ${file}`);
    }
    return (await readFile(file, 'utf8')).replace(/\r?\n$/, '');
  } catch (error) {
    if (error instanceof Unavailable) throw error;
    const code = error instanceof Error && 'code' in error ? error.code : String(error);
    if (code === 'ENOENT') throw new Unavailable(`needs the file ${file}, which does not exist`);
    throw new Unavailable(`cannot be read from ${file}: ${code}`);
  }
}

/** Runs the command without a shell; what it prints is the secret, so only its complaints are ever shown. */
function fromCommand([program = '', ...args]: readonly string[], cwd: string): Promise<string> {
  const shown = [program, ...args].join(' ');
  return new Promise((fulfil, reject) => {
    const child = spawn(program, args, {
      cwd,
      stdio: ['inherit', 'pipe', 'pipe'],
      timeout: COMMAND_SECONDS * 1000,
    });
    const output: Buffer[] = [];
    const complaints: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => complaints.push(chunk));
    child.on('error', (error) => {
      const reason = isNotFound(error) ? `there is no program ${program}` : error.message;
      reject(new Unavailable(`cannot be read from '${shown}': ${reason}`));
    });
    child.on('close', (status, signal) => {
      if (status === 0) {
        fulfil(
          Buffer.concat(output)
            .toString('utf8')
            .replace(/\r?\n$/, ''),
        );
        return;
      }
      const said = Buffer.concat(complaints).toString('utf8').trim().slice(-400);
      const ended = signal ? `was ended by ${signal}` : `ended with status ${status}`;
      reject(new Unavailable(`cannot be read: '${shown}' ${ended}`, said || undefined));
    });
  });
}

/** EACCES is what a search ends with that met a folder of PATH closed to this user. */
function isNotFound(error: Error): boolean {
  return 'code' in error && (error.code === 'ENOENT' || error.code === 'EACCES');
}

function refuseUseless(value: string): void {
  if (value.trim() === '') throw new Unavailable('is empty');
  if (value.includes('\n') && !value.startsWith('-----BEGIN ')) {
    throw new Unavailable('has several lines', 'only a key in PEM form may have more than one');
  }
  if (value.length < SHORTEST_SECRET) {
    throw new Unavailable(`is shorter than ${SHORTEST_SECRET} characters and cannot be masked`);
  }
}

/** A source that gives no usable value; the sentence goes on after "the secret 'name'". */
class Unavailable extends Error {
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}
