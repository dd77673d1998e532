import type { Diagnostic } from '../../contract/errors.ts';
import { nearest } from '../../values/nearest.ts';
import { notePlaces, type Place } from '../../values/places.ts';
import type { Fields } from '../../values/values.ts';
import type { OpenFile } from '../vault/open_file.ts';
import { addChild, type GroupNode, type GrowingTree, groupNode } from './group_tree.ts';
import { addHostsOf } from './host_key.ts';
import { iniValue } from './ini_value.ts';
import { shellWords } from './shell_words.ts';

const KINDS = ['hosts', 'vars', 'children'] as const;

/** What the lines below a heading are. */
interface Section {
  readonly group: GroupNode;
  readonly kind: (typeof KINDS)[number];
}

/** A name that needs a heading of its own somewhere: the first place that names it. */
interface Awaited {
  readonly place: Place;
  readonly message: string;
}

interface Walk {
  readonly tree: GrowingTree;
  readonly declared: Set<string>;
  readonly awaited: Map<string, Awaited>;
  /** All variables of the file, for what is asked of the whole file. */
  readonly layers: Fields[];
  /** The place of a part of the line being read. */
  at(start: number, length: number): Place;
}

/**
 * Reads an INI inventory into a tree, and returns its variables.
 *
 * The grammar is that of Ansible (2.14, `lib/ansible/plugins/inventory/ini.py`), which types the values of
 * `:vars` as those of host lines.
 */
export function readIniGroups(
  { text, file, secrecy }: OpenFile,
  tree: GrowingTree,
): readonly Fields[] {
  const declared = new Set(tree.groups.keys());
  const lines = text.split(/\r?\n/);
  let number = 0;
  const walk: Walk = {
    tree,
    declared,
    awaited: new Map(),
    layers: [],
    at: (start, length) => ({
      file,
      line: number,
      column: start + 1,
      length: Math.max(1, length),
      text: secrecy === 'plain' ? (lines[number - 1] ?? '') : '',
    }),
  };
  const start: Place = { file, line: 1, column: 1, length: 1, text: '' };
  let section: Section | undefined = { group: groupNode('ungrouped', start, tree), kind: 'hosts' };
  for (const line of lines) {
    number += 1;
    if (/^\s*([#;]|$)/.test(line)) continue;
    if (/^\s*\[[^\]]*\]\s*(#.*)?$/.test(line)) {
      section = readHeading(line, walk);
    } else if (section?.kind === 'hosts') readHostLine(section.group, line, walk);
    else if (section?.kind === 'vars') readVariable(section.group, line, walk);
    else if (section) readChild(section.group, line, walk);
  }
  for (const [name, { place, message }] of walk.awaited) {
    if (declared.has(name)) continue;
    const near = nearest(name, declared);
    const hint = near ? `did you mean '${near}'?` : `add the heading [${name}]`;
    tree.problems.errors.push({ code: 'unknown-host', message, place, hint });
  }
  return walk.layers;
}

function readHeading(line: string, walk: Walk): Section | undefined {
  const [, before = '', inside = ''] = /^(\s*\[)([^\]]*)/.exec(line) ?? [];
  const place = walk.at(before.length, inside.length);
  const [, name = '', word] = /^([^:\s]+)(?::(\w+))?$/.exec(inside) ?? [];
  if (name === '') {
    const near = inside.replace(/\s+/g, '');
    const hint =
      near === '' || near === inside
        ? 'write [GROUP], [GROUP:vars] or [GROUP:children]'
        : `write [${near}]`;
    return refuse(
      { code: 'bad-line', message: `'[${inside}]' is not a heading`, place, hint },
      walk,
    );
  }
  const kind = KINDS.find((each) => each === (word ?? 'hosts'));
  if (!kind) {
    const near = nearest(word ?? '', KINDS);
    const hint = near ? `did you mean '${near}'?` : `known here: ${KINDS.join(', ')}`;
    return refuse({ code: 'bad-line', message: `a group has no ':${word}'`, place, hint }, walk);
  }
  if (kind === 'vars') {
    const message = `[${name}:vars] is for a group that no heading declares`;
    expectHeading(name, { place, message }, walk);
  } else walk.declared.add(name);
  return { group: groupNode(name, place, walk.tree), kind };
}

function expectHeading(name: string, awaited: Awaited, { awaited: all }: Walk): void {
  if (!all.has(name)) all.set(name, awaited);
}

function refuse(mistake: Diagnostic, { tree }: Walk): undefined {
  tree.problems.errors.push(mistake);
  return undefined;
}

function readHostLine(group: GroupNode, line: string, walk: Walk): void {
  const words = shellWords(line);
  if (typeof words === 'string') {
    const place = walk.at(line.search(/\S/), line.trim().length);
    refuse({ code: 'bad-line', message: words, place, hint: 'quote the whole value' }, walk);
    return;
  }
  const [key, ...assignments] = words;
  if (!key) return;
  const place = walk.at(key.start, key.length);
  if (key.text.includes('=') || key.text === '---') {
    const hint =
      key.text === '---' ? 'name the file *.yaml' : 'variables of a group go below [GROUP:vars]';
    refuse({ code: 'bad-line', message: `'${key.text}' is not a host`, place, hint }, walk);
    return;
  }
  const vars: Record<string, unknown> = {};
  for (const word of assignments) {
    const at = word.text.indexOf('=');
    const where = walk.at(word.start, word.length);
    if (at > 0) assign(vars, word.text.slice(0, at), word.text.slice(at + 1), where, walk);
    else {
      const message = `'${word.text}' is not 'key=value'`;
      const hint = /^=/.test(word.text)
        ? 'write key=value without spaces'
        : "quote a value with spaces: key='a b'";
      refuse({ code: 'bad-line', message, place: where, hint }, walk);
    }
  }
  walk.layers.push(vars);
  addHostsOf(group, key.text, { place, vars }, walk.tree);
}

function readVariable(group: GroupNode, line: string, walk: Walk): void {
  const at = line.indexOf('=');
  const start = line.search(/\S/);
  const place = walk.at(start, line.trim().length);
  const name = line.slice(0, Math.max(0, at)).trim();
  if (name === '') {
    const message = `this line of [${group.name}:vars] is not 'key=value'`;
    const colon = /^\s*([\w-]+):\s*(.*)$/.exec(line);
    const hint = colon ? `write ${colon[1]}=${colon[2]}` : undefined;
    refuse({ code: 'bad-line', message, place, hint }, walk);
    return;
  }
  const vars: Record<string, unknown> = {};
  assign(vars, name, line.slice(at + 1).trim(), place, walk);
  walk.layers.push(vars);
  group.vars.push(vars);
}

function readChild(group: GroupNode, line: string, walk: Walk): void {
  const [, before = '', name = ''] = /^(\s*)([^:\]\s]+)\s*(?:#.*)?$/.exec(line) ?? [];
  const place = walk.at(line.search(/\S/), line.trim().length);
  if (name === '') {
    const message = `this line of [${group.name}:children] is not the name of a group`;
    refuse({ code: 'bad-line', message, place, hint: 'write one group a line' }, walk);
    return;
  }
  const at = walk.at(before.length, name.length);
  expectHeading(
    name,
    {
      place: at,
      message: `[${group.name}:children] names a group that no heading declares: '${name}'`,
    },
    walk,
  );
  groupNode(name, at, walk.tree);
  addChild(group, name, at, walk.tree);
}

function assign(
  vars: Record<string, unknown>,
  name: string,
  text: string,
  place: Place,
  walk: Walk,
): void {
  const read = iniValue(name, text);
  if ('code' in read) walk.tree.problems.errors.push({ ...read, place });
  if (name === '__proto__') return;
  vars[name] = 'code' in read ? text : read.value;
  notePlaces(vars, name, { key: place, value: place });
}
