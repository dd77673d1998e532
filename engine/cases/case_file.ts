import type { InputCode } from '../contract/codes.ts';
import type { Diagnostic } from '../contract/errors.ts';
import { suggest } from '../contract/problems.ts';
import type { ObjectSchema, Value } from '../contract/schema.ts';
import { check } from '../read/schema/schema_check.ts';
import { parseYaml } from '../read/yaml/yaml.ts';
import { nearest } from '../values/nearest.ts';
import { type Place, placeOf } from '../values/places.ts';
import { isMap } from '../values/values.ts';

const texts = { type: 'array', items: { type: 'string' } } as const;
const list = { type: 'array', items: {} } as const;

/** A step of a change; where only its title matters, a text. */
const step = {
  anyOf: [
    { type: 'string' },
    {
      type: 'object',
      additionalProperties: false,
      required: ['title'],
      properties: {
        title: { type: 'string' },
        script: { type: 'string', description: 'The whole script' },
        contains: {
          type: 'string',
          description: 'Text that the script contains, plain or in base64',
        },
      },
    },
  ],
} as const;

const finding = {
  type: 'object',
  additionalProperties: false,
  required: ['id', 'severity', 'what'],
  properties: {
    id: { type: 'string', description: 'The id of the query' },
    severity: { type: 'string', enum: ['problem', 'warning', 'note'] },
    what: { type: 'string' },
    evidence: { type: 'string' },
    fix: { type: 'string' },
    subject: { type: 'string' },
    host: { type: 'string' },
    breaks: {},
    towards: {},
  },
} as const;

const file = {
  anyOf: [
    { type: 'string' },
    {
      type: 'object',
      additionalProperties: false,
      required: ['text'],
      properties: {
        text: { description: 'null for a missing file' },
        mode: { type: 'string' },
        owner: { type: 'string' },
        group: { type: 'string' },
        old: {
          type: 'string',
          description: 'Text of a regular file where the file used to be',
        },
      },
    },
  ],
} as const;

/** One case of a module as it stands in a YAML file beside the module's others; see docs/writing-a-module.md. */
export const CASE_SCHEMA = {
  type: 'object',
  additionalProperties: false,
  required: ['summary', 'expect'],
  properties: {
    summary: { type: 'string', minLength: 1, description: 'What the case shows' },
    args: {
      type: 'object',
      additionalProperties: {},
      default: {},
      description: 'The arguments of the task',
    },
    host: { type: 'string', default: 'here', description: 'The host that the task runs on' },
    lab: {
      type: 'object',
      additionalProperties: {
        type: 'object',
        additionalProperties: false,
        properties: {
          address: { type: 'string' },
          groups: texts,
          vars: { type: 'object', additionalProperties: {} },
        },
      },
      default: { here: {} },
      description: 'Hosts by name, with their addresses, groups and variables',
    },
    facts: {
      type: 'object',
      additionalProperties: {},
      default: {},
      description:
        'What the probes of facts print, by the name of the fact; by host for a fact of a group; { parsed: … } for what parse would make of it',
    },
    states: {
      type: 'object',
      additionalProperties: {},
      default: {},
      description:
        'What the probes of resources print, by resource id: a text, a map that is printed as JSON ({ base64: TEXT } in it as base64), or { parsed: … }',
    },
    files: {
      type: 'object',
      additionalProperties: {},
      default: {},
      description: 'Files by path: their text, { text, mode, owner, group, old }, null for missing',
    },
    held: {
      type: 'object',
      additionalProperties: { type: 'array', items: { type: 'boolean' } },
      default: {},
      description: 'Whether the conditions among the arguments hold, by argument, in order',
    },
    controller: {
      type: 'object',
      additionalProperties: {},
      default: {},
      description:
        'Files of the controller by path: their text, or { text, mode }; { base64: BYTES } for other bytes',
    },
    answers: {
      type: 'object',
      additionalProperties: {},
      default: {},
      description:
        'Answers of hosts to health queries, by query id, and to proofs, by subject: a text, a map that is printed as JSON, or { lines: [ … ] } of texts and lists of words ({ base64: TEXT } among them); by host for a query of a group. A case without facts, states and files that expects only results of answers is about health alone',
    },
    expect: {
      type: 'object',
      additionalProperties: false,
      properties: {
        diff: { type: 'string', description: 'The diffs of all resources with a state' },
        steps: { type: 'array', items: step, description: 'The steps of all changes, in order' },
        handlers: { ...texts, description: 'Ids of the handlers' },
        resources: { ...texts, description: 'Ids of all resources' },
        results: {
          type: 'object',
          additionalProperties: {},
          description: 'What `register` keeps, by resource id, of what the case says of the host',
        },
        deferred: { ...texts, description: 'Which of the changes wait, and for whom' },
        warnings: texts,
        trials: list,
        proofs: { ...texts, description: 'What the answers prove: `proved: WORDS`' },
        findings: { type: 'array', items: finding, description: 'Findings in the answers' },
        things: list,
        figures: list,
        pending: { type: 'string' },
        error: { type: 'string' },
        hint: { type: 'string' },
      },
      description: 'Only the keys given here are compared',
    },
  },
} as const satisfies ObjectSchema;

/** A case with its defaults filled in. */
export type CaseFile = Value<typeof CASE_SCHEMA>;

/** What a case expects, and what is compared with that. */
export type Expected = CaseFile['expect'];

/** A file in a case: its text, or more of it. */
export type FileCase = Value<typeof file>;

/** Reads a case; `value` is only to be used where there is no mistake. */
export function readCase(
  text: string,
  name: string,
): { readonly value: CaseFile; readonly errors: readonly Diagnostic[] } {
  const { value, errors, start } = parseYaml(text, name);
  const grave = errors.filter(({ code }) => !OF_INVENTORIES.includes(code));
  if (grave.length > 0) return { value: value as CaseFile, errors: grave };
  const checked = check(CASE_SCHEMA, value ?? {}, 'the case', start);
  const read = checked.value as CaseFile;
  const flaws = checked.diagnostics.filter(({ code }) => !OF_INVENTORIES.includes(code));
  if (flaws.length > 0) return { value: read, errors: flaws };
  return { value: read, errors: [...fileMistakes(read), ...unfit(read, start)] };
}

/** What is a mistake in an inventory, and may well be what a host prints, or an argument that its module's schema admits. */
const OF_INVENTORIES: readonly InputCode[] = ['placeholder-value', 'lost-number', 'ambiguous-text'];

function fileMistakes({ files }: CaseFile): readonly Diagnostic[] {
  return Object.entries(files).flatMap(([path, given]) => {
    if (given === null) return [];
    return check(file, given, path, placeOf(files, path)).diagnostics;
  });
}

function unfit({ expect, host, lab }: CaseFile, start: Place): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  if (isMap(expect) && Object.keys(expect).length === 0) {
    const hint = `known here: ${Object.keys(CASE_SCHEMA.properties.expect.properties).join(', ')}`;
    found.push({ code: 'missing-key', message: 'the case expects nothing', place: start, hint });
  }
  if (!Object.hasOwn(lab, host)) {
    const names = Object.keys(lab);
    const message = `the case is for host '${host}', which is not in its lab`;
    const hint = suggest(nearest(host, names), names);
    found.push({ code: 'unknown-host', message, place: start, hint });
  }
  return found;
}
