import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { InvalidInput } from '../contract/errors.ts';
import type { Inventory } from '../contract/inventory.ts';
import type { Registry } from '../contract/registry.ts';
import type { Vault } from '../contract/vault.ts';
import { packageRoot } from '../read/installed/package_root.ts';
import type { Regroup } from '../read/inventory/read_inventory.ts';
import { type Lab, loadInventory, loadLab } from '../read/load.ts';
import { loadRegistry } from '../read/modules/load_modules.ts';
import { type RunProgram, runOnce } from '../read/programs/run_program.ts';
import {
  guessableSecrets,
  placeholderSecrets,
  resolveSecrets,
  sensitiveValues,
} from '../read/secrets/secrets.ts';
import { vaultOf } from '../read/vault/vault.ts';
import { type PasswordSource, passwordSource } from '../read/vault/vault_password.ts';
import type { Call, World } from './command.ts';
import { commaList } from './options.ts';

/** A lab read and checked, and every text in it that must never be shown. */
export interface ReadLab extends Lab {
  readonly playbookFile: string;
  readonly sensitive: readonly string[];
}

/** The inventories that a command line names, `inventory.yaml` in the current folder when it names none. */
export function inventorySources(call: Call, { environment }: World): readonly string[] {
  const named = [...call.positionals, ...call.texts('inventory')];
  if (named.length > 0) return named;
  if (existsSync(join(environment.cwd, 'inventory.yaml'))) return ['inventory.yaml'];
  const example = join(packageRoot(), 'inventory.example.yaml');
  throw new InvalidInput([
    {
      code: 'no-file',
      message: 'no inventory given, and there is no inventory.yaml in this folder',
      hint: `name one (lava-play apply lab.yaml), or start from a copy of ${example}`,
    },
  ]);
}

/** The modules that a command line has at hand: those of the program, and those of `--modules`. */
export function registryOf(call: Call, { program }: World): Promise<Registry> {
  const { modules, sdk } = program;
  return loadRegistry({ builtin: modules, dirs: call.texts('modules'), sdk });
}

/**
 * Reads inventory, playbook and modules as the command line says.
 *
 * Everything is checked with placeholders in the place of secrets first: no password is asked for
 * while a file is broken. `secrets: 'placeholders'` stops there. `idle: 'refused'` is for commands whose
 * purpose is to do something: plays that touch no host are a mistake to them.
 */
export async function readLab(
  call: Call,
  world: World,
  {
    secrets,
    regroup,
    idle = 'accepted',
  }: {
    readonly secrets: 'real' | 'placeholders';
    readonly regroup?: Regroup;
    readonly idle?: 'refused' | 'accepted';
  },
): Promise<ReadLab> {
  const playbookFile = call.text('playbook') ?? join(packageRoot(), 'playbooks', 'lab.yaml');
  const options = {
    inventories: inventorySources(call, world),
    playbookFile,
    modules: await registryOf(call, world),
    env: world.environment,
    extension: world.program.extension,
    limit: call.text('limit'),
    tags: commaList(call.texts('tags')),
    skipTags: commaList(call.texts('skip-tags')),
    extraVars: call.texts('extra-vars'),
    idle,
    regroup,
    ...readersOf(call, world),
  };
  const checked = await loadLab({ ...options, secrets: placeholderSecrets });
  if (secrets === 'placeholders') {
    return { ...checked, playbookFile, sensitive: sensitiveValues(checked.inventory, undefined) };
  }
  const resolved = await resolveSecrets(checked.secrets, {
    env: world.environment,
    prompt: promptOf(world),
    vault: options.vault,
  });
  const lab = await loadLab({ ...options, secrets: resolved.value });
  const warnings = [...lab.warnings, ...guessableSecrets(checked.secrets, resolved)];
  return { ...lab, warnings, playbookFile, sensitive: sensitiveValues(lab.inventory, resolved) };
}

/** Reads an inventory alone, with its secrets in their places. */
export async function readInventory(
  call: Call,
  world: World,
): Promise<{ readonly inventory: Inventory; readonly sensitive: readonly string[] }> {
  const playbook = call.text('playbook');
  const inventory = await loadInventory(inventorySources(call, world), {
    secrets: placeholderSecrets,
    env: world.environment,
    extension: world.program.extension,
    playbookFolder: playbook === undefined ? undefined : dirname(playbook),
    ...readersOf(call, world),
  });
  return { inventory, sensitive: sensitiveValues(inventory, undefined) };
}

interface Readers {
  readonly vault: Vault;
  readonly run: RunProgram;
}

/* A command may read its files several times: who is asked for something is asked once. */
const readers = new WeakMap<World, Readers>();

/** What the files of a command line are opened with. */
function readersOf(call: Call, world: World): Readers {
  const known = readers.get(world);
  if (known) return known;
  const run = runOnce();
  const own = {
    run,
    vault: vaultOf(passwordSources(call, world), {
      env: world.environment,
      run,
      prompt: promptOf(world),
    }),
  };
  readers.set(world, own);
  return own;
}

/** Where the passwords of vaulted files come from; Ansible's variable of the environment counts too. */
function passwordSources(call: Call, { environment }: World): readonly PasswordSource[] {
  const usual = environment.variable('ANSIBLE_VAULT_PASSWORD_FILE') ?? '';
  const files = [...call.texts('vault-password-file'), ...(usual === '' ? [] : [usual])];
  return [
    ...call.texts('vault-id').map(passwordSource),
    ...files.map((file) => ({ label: undefined, from: { file } })),
    ...(call.flag('ask-vault-pass') ? [{ label: undefined, from: 'prompt' } as const] : []),
  ];
}

function promptOf({ ask }: World): ((question: string) => Promise<string>) | undefined {
  return ask && ((question) => ask(question, 'hidden'));
}

/** The error for a second positional argument where one is all that makes sense. */
export function refuseMore(call: Call, allowed: number): void {
  const extra = call.positionals[allowed];
  if (extra === undefined) return;
  throw new InvalidInput([
    { code: 'usage', message: `unexpected argument '${extra}'`, hint: 'see --help' },
  ]);
}
