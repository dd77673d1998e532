import { dirname, resolve } from 'node:path';
import type { Environment } from '../../contract/environment.ts';
import { type Diagnostic, InvalidInput } from '../../contract/errors.ts';
import type { SecretDefinition, SecretValues } from '../../contract/secrets.ts';
import type { Vault } from '../../contract/vault.ts';
import type { Place } from '../../values/places.ts';
import { isGuessable, placeholder, SHORTEST_SECRET } from '../../values/sensitive.ts';
import { type ProgramLimits, type RunProgram, runProgram } from '../programs/run_program.ts';
import { readPrivateFile } from '../vault/private_file.ts';
import { Unavailable } from '../vault/unavailable.ts';
import { noVault } from '../vault/vault.ts';

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
  /** What opens inline values; unless set, a vault without passwords. */
  readonly vault?: Vault;
}

/** For a command that prints a secret: long enough to type a passphrase. */
const COMMAND_LIMITS: ProgramLimits = { seconds: 120, mebibytes: 1 };

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
  const failures = oncePerFile(answers.flatMap(({ failure }) => failure ?? []));
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
    .filter(({ name }) => isGuessable(value(name)) || value(name).length < SHORTEST_SECRET)
    .map(({ name, place, source }) => ({
      code: 'weak-secret',
      message: `${'vault' in source ? 'this vaulted value' : `the secret '${name}'`} is a plain word or number: it is masked in password fields only, not everywhere`,
      place,
      hint: 'use a long random one: openssl rand -hex 24',
    }));
}

/** A wrong password closes many values: one mistake a file, at the first. */
function oncePerFile(failures: readonly Diagnostic[]): readonly Diagnostic[] {
  const first = new Map(
    failures
      .toReversed()
      .map((failure) => [`${failure.place?.file} ${failure.message}`, failure] as const),
  );
  return failures.filter((failure) => [...first.values()].includes(failure));
}

interface Answer {
  readonly name: string;
  readonly value: string;
  readonly failure?: Diagnostic | undefined;
}

async function resolveOne(definition: SecretDefinition, sources: SecretSources): Promise<Answer> {
  const { name, place, source } = definition;
  if ('vault' in source) return fromVault(name, source.vault, place, sources.vault ?? noVault);
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

async function fromVault(
  name: string,
  sealed: string,
  place: Place,
  vault: Vault,
): Promise<Answer> {
  const opened = await vault.open(sealed, 'this value');
  if ('text' in opened) return { name, value: opened.text };
  return { name, value: '', failure: { ...opened.mistake, place } };
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
    return (await readPrivateFile(resolve(folder, path))).replace(/\r?\n$/, '');
  }
  if ('command' in source) return fromCommand(source.command, folder, runProgram);
  if ('prompt' in source && sources.prompt)
    return sources.prompt(`${source.prompt.replace(/[:\s]*$/, '')}: `);
  throw new Unavailable(
    'must be entered at a terminal, but there is none',
    'use env, file or command',
  );
}

/** Runs the command without a shell; what it prints is the secret, so only its complaints are ever shown. */
async function fromCommand(
  [program = '', ...args]: readonly string[],
  cwd: string,
  run: RunProgram,
): Promise<string> {
  const shown = [program, ...args].join(' ');
  const { output, failure, complaints } = await run({
    program,
    args,
    cwd,
    complaints: 'kept',
    ...COMMAND_LIMITS,
  });
  if (failure === undefined) return output.toString('utf8').replace(/\r?\n$/, '');
  throw new Unavailable(`cannot be read: '${shown}' ${failure}`, complaints || undefined);
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
