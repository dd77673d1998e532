import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { InvalidInput } from '../../contract/errors.ts';
import type { ControllerFile, ControllerFiles, NeededFile } from '../../contract/module.ts';
import type { Place } from '../../values/places.ts';
import { describe, type Fields, isMap } from '../../values/values.ts';
import { parseYaml } from '../yaml/yaml.ts';

/** Where files are looked for, and how templates among them are filled in. */
export interface FileSearch {
  /** The folder of the role, then of the playbook. */
  readonly folders: readonly string[];
  readonly place: Place;
  render(text: string, file: string): string;
  /** Whether a host had a say in a path: such a one stays in the folders. */
  isFromHost(path: string): boolean;
}

/** A file that is larger is not sent to a host. */
const MOST = 64 * 1024 * 1024;

/** Reads what a module needs of the controller; throws InvalidInput that names where a file was looked for. */
export function readControllerFiles(
  needed: readonly NeededFile[],
  search: FileSearch,
): ControllerFiles {
  return Object.fromEntries(needed.flatMap((each) => readOne(each, search)));
}

function readOne(needed: NeededFile, search: FileSearch): readonly [string, ControllerFile][] {
  const source = find(needed, search);
  const isFolder = statSync(source).isDirectory();
  if (needed.kind === 'tree' && isFolder) {
    return below(source, search.place).map((path) => [
      join(needed.path, path),
      read(join(source, path), search.place),
    ]);
  }
  if (isFolder) throw mistake(`${source} is a folder, not a file`, search.place);
  const file = read(source, search.place);
  if (needed.kind === 'vars') return [[needed.path, { ...file, variables: variablesIn(file) }]];
  if (needed.kind !== 'template') return [[needed.path, file]];
  const text = search.render(Buffer.from(file.bytes).toString(), source);
  return [[needed.path, { ...file, bytes: Buffer.from(text) }]];
}

/** As Ansible looks: in `files/` or `templates/` of each folder, then in the folder itself. */
function find({ kind, path }: NeededFile, { folders, place, isFromHost }: FileSearch): string {
  const leaves = isAbsolute(path) || path.split('/').includes('..');
  if (leaves && isFromHost(path)) {
    const hint = 'write the folder into the task, and let the host choose a name in it';
    throw mistake(
      `the path '${path}' comes from the host and leaves the folders of files`,
      place,
      hint,
    );
  }
  const inside = kind === 'template' ? 'templates' : kind === 'vars' ? 'vars' : 'files';
  const places = isAbsolute(path)
    ? [path]
    : folders.flatMap((folder) => [join(folder, inside, path), join(folder, path)]);
  const found = places.find((each) => existsSync(each));
  if (found !== undefined) return found;
  const hint = `looked for ${places.join(', ')}`;
  throw mistake(`no file '${path}' on this machine`, place, hint);
}

function read(source: string, place: Place): ControllerFile {
  try {
    const found = statSync(source);
    const { size, mode } = found;
    if (!found.isFile()) throw mistake(`${source} is not a regular file`, place);
    if (size > MOST) throw mistake(`${source} is larger than ${MOST / 1024 / 1024} MiB`, place);
    const octal = (mode & 0o7777).toString(8).padStart(4, '0');
    return { source, bytes: readFileSync(source), mode: octal };
  } catch (error) {
    if (error instanceof InvalidInput) throw error;
    const said = error instanceof Error ? error.message : String(error);
    throw mistake(`${source} cannot be read: ${said}`, place);
  }
}

function variablesIn({ source, bytes }: ControllerFile): Fields {
  const { value, errors } = parseYaml(Buffer.from(bytes).toString(), source);
  if (errors.length > 0) throw new InvalidInput(errors);
  if (isMap(value)) return value;
  throw new InvalidInput([
    { code: 'wrong-type', message: `${source} must be a map of variables, not ${describe(value)}` },
  ]);
}

/** The names of variables in all files of the folders `vars/`: what a file may give whose name is known later. */
export function namesInVars(folders: readonly string[]): readonly string[] {
  return folders.flatMap((folder) => {
    const vars = join(folder, 'vars');
    if (!existsSync(vars)) return [];
    return readdirSync(vars)
      .filter((name) => /\.(ya?ml|json)$/.test(name))
      .flatMap((name) => {
        const { value } = parseYaml(readFileSync(join(vars, name), 'utf8'), name);
        return isMap(value) ? Object.keys(value) : [];
      });
  });
}

/** The files of a folder at any depth, by their paths in it; links are followed, as Ansible's `copy` does. */
function below(
  folder: string,
  place: Place,
  above: readonly string[] = [realpathSync(folder)],
): readonly string[] {
  return readdirSync(folder)
    .toSorted()
    .flatMap((name) => {
      const path = join(folder, name);
      if (!existsSync(path)) throw mistake(`${path} is a link to nowhere`, place);
      if (!statSync(path).isDirectory()) return [name];
      const real = realpathSync(path);
      if (above.includes(real)) throw mistake(`${path} leads back to a folder around it`, place);
      return below(path, place, [...above, real]).map((inside) => join(name, inside));
    });
}

function mistake(message: string, place: Place, hint?: string): InvalidInput {
  return new InvalidInput([{ code: 'no-file', message, place, hint }]);
}
