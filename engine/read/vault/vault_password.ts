import { access, constants } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import type { Environment } from '../../contract/environment.ts';
import type { Opened } from '../../contract/vault.ts';
import type { ProgramLimits, RunProgram } from '../programs/run_program.ts';
import { readPrivateFile } from './private_file.ts';
import { Unavailable } from './unavailable.ts';
import { isVaulted } from './vault_format.ts';

/** Where a vault password comes from. */
export interface PasswordSource {
  /** The vault id that it is for; undefined for any. */
  readonly label: string | undefined;
  readonly from: 'prompt' | { readonly file: string };
}

/** What vault passwords may be asked of. */
export interface PasswordSurroundings {
  readonly env: Environment;
  readonly run: RunProgram;
  /** Asks the person at the terminal; undefined where there is none. */
  readonly prompt: ((question: string) => Promise<string>) | undefined;
}

const LIMITS: ProgramLimits = { seconds: 120, mebibytes: 1 };

/** Reads `LABEL@SOURCE` or `SOURCE`, where SOURCE is a file or `prompt`. */
export function passwordSource(text: string): PasswordSource {
  const at = text.indexOf('@');
  const label = at > 0 ? text.slice(0, at) : undefined;
  const source = text.slice(at + 1);
  return { label, from: source === 'prompt' ? 'prompt' : { file: source } };
}

/** Obtains a vault password, or says why it cannot be had. */
export async function readPassword(
  { label, from }: PasswordSource,
  surroundings: PasswordSurroundings,
): Promise<Opened> {
  const shown = label === undefined ? '' : ` (${label})`;
  try {
    const text =
      from === 'prompt'
        ? await typed(shown, surroundings)
        : await fromFile(from.file, label, surroundings);
    if (text !== '') return { text };
    throw new Unavailable('is empty');
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    const message = `the vault password${shown} ${error.message}`;
    return { mistake: { code: 'no-vault-password', message, hint: error.hint } };
  }
}

async function typed(shown: string, { prompt }: PasswordSurroundings): Promise<string> {
  if (prompt) return (await prompt(`Vault password${shown}: `)).trim();
  throw new Unavailable(
    'must be entered at a terminal, but there is none',
    '--vault-password-file FILE',
  );
}

/** As in Ansible an executable file prints the password, and one called `…-client` is told the label. */
async function fromFile(
  name: string,
  label: string | undefined,
  { env, run }: PasswordSurroundings,
): Promise<string> {
  const file = resolve(env.cwd, name.replace(/^~(?=\/)/, env.home));
  const isProgram = await access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
  if (!isProgram) {
    const text = (await readPrivateFile(file)).trim();
    if (!isVaulted(text)) return text;
    throw new Unavailable(`is in ${name}, which is encrypted with Ansible Vault itself`);
  }
  const isClient = /-client(\.[^.]*)?$/.test(basename(file));
  const args = isClient && label !== undefined ? ['--vault-id', label] : [];
  const { output, failure } = await run({
    program: file,
    args,
    cwd: env.cwd,
    complaints: 'shown',
    ...LIMITS,
  });
  if (failure !== undefined) throw new Unavailable(`cannot be read: ${name} ${failure}`);
  return output.toString('utf8').replace(/^[\r\n]+|[\r\n]+$/g, '');
}
