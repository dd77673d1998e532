import { dirname } from 'node:path';
import type { Environment } from '../contract/environment.ts';
import { type Diagnostic, InvalidInput } from '../contract/errors.ts';
import type { Extension } from '../contract/extension.ts';
import type { Inventory } from '../contract/inventory.ts';
import { mistakeKey } from '../contract/problems.ts';
import type { Registry } from '../contract/registry.ts';
import type { SecretDefinition, SecretValues } from '../contract/secrets.ts';
import type { ReadyPlay } from '../contract/task.ts';
import type { Vault } from '../contract/vault.ts';
import { maskSensitiveKeys } from '../script/mask.ts';
import { redactor } from '../script/redact.ts';
import { hasPlaceholder } from '../values/sensitive.ts';
import { type ReadOptions, type Regroup, readInventory } from './inventory/read_inventory.ts';
import { readExtraVars } from './playbook/extra_vars.ts';
import { readPlaybook } from './playbook/read_playbook.ts';
import { readyPlays } from './playbook/ready_plays.ts';
import { tagsOf } from './playbook/tags.ts';
import type { RunProgram } from './programs/run_program.ts';
import { clearPasswords, usedSecrets } from './secrets/secret_definitions.ts';
import { sensitiveIn } from './secrets/sensitive_document.ts';

/** What a lab is read from. */
export interface LabFiles {
  /** The sources of the inventory: files, folders, programs, lists of hosts. */
  readonly inventories: readonly string[];
  readonly playbookFile: string;
  readonly modules: Registry;
  readonly secrets: SecretValues;
  readonly env: Environment;
  readonly limit?: string | undefined;
  readonly tags?: readonly string[];
  readonly skipTags?: readonly string[];
  /** Whether it is a mistake when the plays leave nothing to do; `accepted` unless set. */
  readonly idle?: 'refused' | 'accepted';
  readonly extension: Extension;
  readonly regroup?: Regroup | undefined;
  /** What `--extra-vars` says, as it was typed. */
  readonly extraVars?: readonly string[];
  readonly vault?: Vault | undefined;
  readonly run?: RunProgram | undefined;
}

/** A lab as its files describe it, checked; no host was asked anything. */
export interface Lab {
  readonly inventory: Inventory;
  readonly plays: readonly ReadyPlay[];
  /** The tags that tasks of the playbook have. */
  readonly tags: readonly string[];
  readonly warnings: readonly Diagnostic[];
  /** The secrets that inventory and playbook use; no others need to be asked for. */
  readonly secrets: ReadonlyMap<string, SecretDefinition>;
}

/** Reads and checks an inventory; throws InvalidInput with everything that is wrong. */
export async function loadInventory(
  sources: readonly string[],
  options: ReadOptions,
): Promise<Inventory> {
  const { inventory, problems } = await readInventory(sources, options);
  if (problems.errors.length > 0 || !inventory) {
    throw invalid(problems.errors, inventory?.sensitive ?? [], inventory, options.secrets);
  }
  return { ...inventory, warnings: unique(problems.warnings) };
}

/** Reads and checks inventory and playbook; throws one InvalidInput with everything that is wrong in all files. */
export async function loadLab(files: LabFiles): Promise<Lab> {
  const { inventories, playbookFile, modules, secrets, env, extension, limit, regroup } = files;
  const { vault, run } = files;
  const playbookFolder = dirname(playbookFile);
  const [extra, read, playbookRead] = await Promise.all([
    readExtraVars(files.extraVars ?? [], vault),
    readInventory(inventories, { secrets, env, extension, regroup, vault, run, playbookFolder }),
    readPlaybook(playbookFile, modules, env, vault),
  ]);
  const { inventory, problems } = read;
  const { playbook, documents, errors: playbookErrors } = playbookRead;
  const values = documents.map(({ value }) => value);
  const errors = [...problems.errors, ...playbookErrors, ...extra.errors];
  if (!inventory) throw invalid(errors, [], undefined, secrets);
  const used = usedSecrets([...values, extra.values], inventory.secrets, errors);
  const ready = readyPlays({
    playbook,
    inventory,
    modules,
    secrets,
    env,
    ...(Object.keys(extra.values).length > 0 && { extraVars: extra.values }),
    limit,
    tags: files.tags ?? [],
    skipTags: files.skipTags ?? [],
    idle: errors.length > 0 ? 'accepted' : (files.idle ?? 'accepted'),
  });
  const sensitive = [
    ...new Set([...inventory.sensitive, ...documents.flatMap(sensitiveIn), ...extra.sensitive]),
  ];
  const known = new Set(errors.flatMap(({ place }) => (place ? [JSON.stringify(place)] : [])));
  errors.push(
    ...ready.problems.errors.filter(({ place }) => !place || !known.has(JSON.stringify(place))),
  );
  if (errors.length > 0) throw invalid(errors, sensitive, inventory, secrets);
  const warnings = unique([
    ...problems.warnings,
    ...documents.flatMap(({ value, secrecy }) =>
      secrecy === 'plain' ? clearPasswords(value) : [],
    ),
    ...ready.problems.warnings,
  ]);
  return {
    inventory: { ...inventory, sensitive, warnings },
    plays: ready.plays,
    tags: tagsOf(playbook),
    warnings,
    secrets: new Map([...inventory.usedSecrets, ...used]),
  };
}

/** One error with all mistakes, in the order of the files, passwords masked. */
function invalid(
  errors: readonly Diagnostic[],
  sensitive: readonly string[],
  inventory: Inventory | undefined,
  secrets: SecretValues,
): InvalidInput {
  const values = [...(inventory?.usedSecrets.keys() ?? [])].map(secrets);
  const hidden = values.filter((value) => value !== '' && !hasPlaceholder(value));
  const mask = redactor([...sensitive, ...hidden]);
  return new InvalidInput(
    inFileOrder(unique(errors)).map(({ place, ...error }) => ({
      ...error,
      message: mask(error.message),
      hint: error.hint && mask(error.hint),
      place: place && { ...place, text: mask(maskSensitiveKeys(place.text)) },
    })),
  );
}

function inFileOrder(errors: readonly Diagnostic[]): readonly Diagnostic[] {
  const files = [...new Set(errors.map(({ place }) => place?.file))];
  return errors.toSorted(({ place: a }, { place: b }) => {
    const byFile = files.indexOf(a?.file) - files.indexOf(b?.file);
    if (byFile !== 0 || !a || !b) return byFile;
    return a.line - b.line || a.column - b.column;
  });
}

function unique(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  return [...new Map(diagnostics.map((each) => [mistakeKey(each), each])).values()];
}
