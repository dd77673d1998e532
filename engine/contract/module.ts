import { isBranded } from './brand.ts';
import type { HealthQuery } from './health_query.ts';
import type { Resource } from './resource.ts';
import type { ObjectSchema, Value } from './schema.ts';
import type { Proof, Trial } from './trial.ts';

/** A question put to a host before anything is decided: shell that changes nothing, and how to read its answer. */
export interface Fact<T = unknown> {
  readonly probe: string;
  parse(output: string): T;
}

/** A question put to other hosts of the lab, in the same script as their own; as root. */
export interface LabFact<T = unknown> extends Fact<T> {
  /** The group whose hosts are asked, such as `workers`; also those outside `--limit`. */
  readonly of: string;
}

/** What the hosts of a group answered, by host; a host that could not be asked is missing. */
export type LabAnswers<T> = Readonly<Record<string, T>>;

/** A module's questions by the name under which `desired` finds the answers. */
export type Facts = Readonly<Record<string, Fact | LabFact>>;

/** The answers to a module's questions. */
export type Answers<F> = {
  readonly [K in keyof F]: F[K] extends LabFact<infer T>
    ? LabAnswers<T>
    : F[K] extends Fact<infer T>
      ? T
      : never;
};

/** A host as the inventory describes it. */
export interface HostView {
  readonly name: string;
  /** The address by which the other hosts of the lab reach it: `lab_address`, else `address`, else the name. */
  readonly address: string;
  readonly groups: readonly string[];
  /** All its variables: rendered, secrets filled in, groups merged. */
  readonly vars: Readonly<Record<string, unknown>>;
}

/** The whole inventory, also under `--limit`. */
export interface LabView {
  readonly hosts: Readonly<Record<string, HostView>>;
  /** Host names by group, in inventory order; `all` is there too. */
  readonly groups: Readonly<Record<string, readonly string[]>>;
}

/** All that a module may know. */
export interface Input<S, F> {
  readonly args: Value<S>;
  readonly facts: Answers<F>;
  readonly host: HostView;
  readonly lab: LabView;
  /** The files of the controller that `files` of the module asked for, by the path it gave. */
  readonly files: ControllerFiles;
  /** Whether the conditions among the arguments hold, by argument and in their order: see `conditions`. */
  readonly held?: Readonly<Record<string, readonly boolean[]>>;
}

/** A file of the controller that a task needs, looked for as Ansible does: in `files/` or `templates/` of its role, then of the playbook. */
export interface NeededFile {
  /**
   * `template` is filled in with the task's variables; `tree` is a folder with all that is in it; `vars` is YAML with
   * variables, looked for in `vars/`.
   */
  readonly kind: 'file' | 'template' | 'tree' | 'vars';
  readonly path: string;
}

/** A file as it was read on the controller. */
export interface ControllerFile {
  /** Where it was found. */
  readonly source: string;
  readonly bytes: Uint8Array;
  /** Octal, such as `0755`. */
  readonly mode: string;
  /** What stands in a file of kind `vars`. */
  readonly variables?: Readonly<Record<string, unknown>>;
}

/** By the path that was asked for; of a tree, its files by `PATH/file below it`. */
export type ControllerFiles = Readonly<Record<string, ControllerFile>>;

/** A question that a person puts to a host, to write the inventory by the answer: `lava-play facts HOST NAME`. */
export interface Survey {
  /** What is found, in a few words. */
  readonly summary: string;
  /** Shell that changes nothing; as root. */
  readonly probe: string;
  /** Pure: what the probe printed, beside what the inventory says already. */
  report(output: string, about: Pick<Input<never, never>, 'host' | 'lab'>): SurveyReport;
}

/** What a survey found. */
export interface SurveyReport {
  /** For people. */
  readonly text: string;
  /** For `--json`. */
  readonly data: Readonly<Record<string, unknown>>;
}

/** A pure function from arguments and facts to the resources that should be there. */
export interface Module<S extends ObjectSchema, F extends Facts> {
  /** The file's name and the key in a playbook. */
  readonly name: string;
  /** Other keys under which a playbook may call it, such as `service` for `systemd`. */
  readonly aliases?: readonly string[];
  readonly summary: string;
  readonly schema: S;
  /** A task's arguments as one would write them in a playbook, for `lava-play modules NAME`. */
  readonly example: string;
  readonly facts?: F;
  /** What people may ask a host, by name; it needs no task and no arguments. */
  readonly surveys?: Readonly<Record<string, Survey>>;
  /** Pure: the files of the controller that `desired` needs. */
  files?(args: Value<S>): readonly NeededFile[];
  /** Arguments that are conditions, or lists of them: whether they hold is `held` of the input. */
  readonly conditions?: readonly string[];
  /** Arguments that are expressions without braces, such as `var` of `debug`: the module gets their values. */
  readonly expressions?: readonly string[];
  /** Pure: what the task gives to later tasks, as `set_fact` does. */
  variables?(input: Pick<Input<S, F>, 'args' | 'files'>): Readonly<Record<string, unknown>>;
  /** Pure: the same input always wants the same resources, in the order in which they must be made. */
  desired(input: Input<S, F>): readonly Resource[];
  /** What must work from this host once everything is applied; data, carried out by the engine. */
  trials?(input: Omit<Input<S, F>, 'facts' | 'files'>): readonly Trial[];
  /** What services on this host must say of themselves at the end of a run, changes or not. */
  proofs?(input: Omit<Input<S, F>, 'facts' | 'files'>): readonly Proof[];
  /** What `lava-play check` asks to tell whether that which the module made is healthy, and if not, why. */
  health?(input: Omit<Input<S, F>, 'facts' | 'files'>): readonly HealthQuery[];
}

/** A module of any arguments and facts, as the engine holds it; it is called with checked input only. */
export interface AnyModule
  extends Pick<
    Module<ObjectSchema, Facts>,
    | 'name'
    | 'aliases'
    | 'summary'
    | 'schema'
    | 'example'
    | 'facts'
    | 'surveys'
    | 'conditions'
    | 'expressions'
  > {
  files?(args: never): readonly NeededFile[];
  variables?(input: never): Readonly<Record<string, unknown>>;
  desired(input: never): readonly Resource[];
  trials?(input: never): readonly Trial[];
  proofs?(input: never): readonly Proof[];
  health?(input: never): readonly HealthQuery[];
}

/** Types a module: its arguments from the schema, its answers from the facts. */
export function defineModule<const S extends ObjectSchema, const F extends Facts>(
  module: Module<S, F>,
): Module<S, F> {
  return module;
}

const PENDING = Symbol.for('lava-play.pending');

/**
 * Thrown by `desired` when an earlier task has to run first; a dry run prints the reason as "known after apply".
 *
 * `resources` are those that can be made already, such as the package that will bring the rest.
 */
export class Pending extends Error {
  readonly [PENDING] = true;
  readonly resources: readonly Resource[];

  constructor(reason: string, resources: readonly Resource[] = []) {
    super(reason);
    this.name = 'Pending';
    this.resources = resources;
  }
}

/** True for a `Pending` of any copy of this program. */
export function isPending(error: unknown): error is Pending {
  return isBranded(error, PENDING);
}
