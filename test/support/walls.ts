import { hasCode } from './has_code.ts';
import { circlesIn, foldersOf, graphOf, hiddenImports, passedOnBy } from './import_graph.ts';
import { foldersIn, type SourceTree } from './source_tree.ts';

/** The rules of CONTRIBUTING.md, as its tables have them. */
export interface Walls {
  /** Rank of each folder of the engine, by its name. */
  readonly ranks: ReadonlyMap<string, number>;
  /** The one importer of each library: a file, or a folder. */
  readonly importers: ReadonlyMap<string, string>;
  /** By folder of the engine, `lab` or `modules`: what of Node.js it may import; a folder that is not named may import all. */
  readonly allowed: ReadonlyMap<string, readonly string[]>;
  /** What of the engine each of its doors may show. */
  readonly doors: ReadonlyMap<string, readonly string[]>;
  /** By file: its imports of what only a run knows. */
  readonly finders: ReadonlyMap<string, readonly string[]>;
  /** Files that are no TypeScript, and folders of such files; `*` is any name. */
  readonly others: readonly string[];
  /** Names that say nothing, which no folder has. */
  readonly vague: readonly string[];
  /** Folders of which each file with code has a test at the same path below `test/`. */
  readonly mirrored: readonly string[];
}

/** Reads the tables of CONTRIBUTING.md. */
export function readWalls(page: string): Walls {
  const named = (head: string): ReadonlyMap<string, readonly string[]> =>
    new Map(tableOf(page, head).map(([name = '', second = '']) => [pathIn(name), coded(second)]));
  return {
    ranks: new Map(
      tableOf(page, 'folder')
        .filter(([, rank = '']) => /^\d+$/.test(rank))
        .map(([name = '', rank]) => [pathIn(name).replace('engine/', ''), Number(rank)]),
    ),
    importers: new Map([...named('library')].map(([name, [place = '']]) => [name, place])),
    allowed: named('folder, of Node.js'),
    doors: named('door'),
    finders: named('file'),
    others: tableOf(page, 'no TypeScript').map(([name = '']) => coded(name)[0] ?? ''),
    vague: coded(/^- No folder is called .*/m.exec(page)?.[0] ?? ''),
    mirrored: coded(/(?<=^- Each file of ).*(?= has its test)/m.exec(page)?.[0] ?? ''),
  };
}

/** The rows of the table whose first heading is this one. */
function tableOf(page: string, head: string): readonly (readonly string[])[] {
  const lines = page.split('\n');
  const first = lines.findIndex((line) => line.startsWith(`| ${head} |`));
  if (first < 0) throw new Error(`CONTRIBUTING.md has no table that begins with '${head}'`);
  const length = lines.slice(first).findIndex((line) => !line.startsWith('|'));
  return lines.slice(first + 2, first + length).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

function coded(cell: string): readonly string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, each = '']) => each.replace(/\/$/, ''));
}

function pathIn(cell: string): string {
  return coded(cell)[0] ?? '';
}

/** The doors of the engine: what stands outside of it enters by them. */
const DOORS = { modules: ['engine/sdk.ts'], lab: ['engine/sdk.ts', 'engine/extend.ts'] };

/** The only files that stand beside the folders of a house. */
const HALLS: Readonly<Record<string, readonly string[]>> = {
  engine: DOORS.lab,
  lab: ['lab/field.ts'],
  modules: ['modules/index.ts'],
};

/** How a module is called, and its folder. */
const MODULE_NAME = /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/;

/** What `main.ts` puts together. */
const WIRED = ['engine/cli/main.ts', 'engine/sdk.ts', 'lab/field.ts', 'modules/index.ts'];

/** Every import that goes through a wall, every circle, and every file that is too long or out of place, a line each. */
export function breachesOf(tree: SourceTree, walls: Walls): readonly string[] {
  const graph = graphOf(tree.sources);
  const breaches = [
    ...[...graph].flatMap(([file, imports]) =>
      imports.flatMap((other) => {
        const why = graph.has(other)
          ? throughWall(file, other, walls)
          : fromOutside(file, other, walls);
        return why === undefined ? [] : [`${file} imports ${other}: ${why}`];
      }),
    ),
    ...[...tree.sources].flatMap(([file, text]) => hidden(file, text, walls)),
    ...[...tree.sources].flatMap(([file, text]) => passedOn(file, text)),
    ...[...tree.sources.keys()].flatMap((file) => outOfPlace(file, walls)),
    ...foldersIn(tree).flatMap((folder) => badFolder(folder, tree, walls)),
    ...[...tree.others].flatMap(([path, kind]) => foreign(path, kind, walls)),
    ...circlesIn(graph).map((circle) => `circle of files: ${circle}`),
    ...[2, Number.POSITIVE_INFINITY].flatMap((depth) =>
      circlesIn(foldersOf(graph, depth)).map((circle) => `circle of folders: ${circle}`),
    ),
    ...[...tree.sources].flatMap(([file, text]) => tooLong(file, text)),
  ];
  return [...new Set(breaches)];
}

/** Every file that should have a test at its own path and has none, a line each. */
export function untestedIn(
  { sources }: SourceTree,
  tests: ReadonlyMap<string, string>,
  { mirrored }: Walls,
): readonly string[] {
  return [...sources]
    .filter(([file, text]) => mirrored.some((each) => file.startsWith(`${each}/`)) && hasCode(text))
    .map(([file]) => [file, `test/${file.replace(/\.ts$/, '.test.ts')}`] as const)
    .filter(([, mirror]) => !tests.has(mirror))
    .map(([file, mirror]) => `${file} has no test at ${mirror}`);
}

function throughWall(file: string, other: string, { ranks, doors }: Walls): string | undefined {
  const [house, room = ''] = file.split('/');
  const [otherHouse, otherRoom = ''] = other.split('/');
  const isDoor = DOORS.lab.includes(other);
  if (file === 'main.ts') return WIRED.includes(other) ? undefined : 'main.ts only wires';
  if (house === 'engine') {
    if (otherHouse !== 'engine') return 'the engine knows neither lab/ nor modules/';
    if (isDoor) return 'the doors are for those outside';
    if (DOORS.lab.includes(file)) {
      const shown = doors.get(file) ?? [];
      return shown.some((folder) => other.startsWith(`${folder}/`))
        ? undefined
        : 'this door does not show it';
    }
    if (room === otherRoom) return undefined;
    const [rank = -1, otherRank = 9] = [ranks.get(room), ranks.get(otherRoom)];
    return rank > otherRank ? undefined : `rank ${rank} imports ranks below it only`;
  }
  if (house === 'lab') {
    if (otherHouse === 'lab' || isDoor) return undefined;
    return otherHouse === 'engine'
      ? 'lab/ enters the engine by its doors'
      : 'lab/ serves the modules';
  }
  if (file === 'modules/index.ts') {
    return /^modules\/\w+\/module\.ts$/.test(other) || other === 'engine/sdk.ts'
      ? undefined
      : 'the list names modules';
  }
  if (otherHouse === 'modules') {
    return room === otherRoom ? undefined : 'a module imports no other module';
  }
  return otherHouse === 'lab' || DOORS.modules.includes(other)
    ? undefined
    : 'a module enters the engine by engine/sdk.ts';
}

function fromOutside(
  file: string,
  name: string,
  { importers, allowed }: Walls,
): string | undefined {
  if (name.startsWith('node:')) {
    const folder = [...allowed.keys()].find((each) => file.startsWith(`${each}/`));
    const names = folder === undefined ? [name] : (allowed.get(folder) ?? []);
    if (names.includes(name)) return undefined;
    return `${folder}/ may import ${names.join(', ') || 'nothing'} of Node.js`;
  }
  const importer = importers.get(name.split('/')[0] ?? name);
  if (importer === undefined) return 'no file may import this library';
  const isImporter = file === importer || file.startsWith(`${importer}/`);
  return isImporter ? undefined : `its one importer is ${importer}`;
}

function hidden(file: string, text: string, { finders }: Walls): readonly string[] {
  return hiddenImports(text)
    .filter((words) => !finders.get(file)?.includes(words))
    .map((words) => `${file} loads what the walls cannot see: ${words}`);
}

function passedOn(file: string, text: string): readonly string[] {
  if (DOORS.lab.includes(file)) return [];
  return passedOnBy(text).map((name) => `${file} exports from ${name}: only a door does`);
}

function outOfPlace(file: string, { ranks }: Walls): readonly string[] {
  const [house = '', room = '', ...rest] = file.split('/');
  if (file.endsWith('.d.ts')) return [`${file} declares what no import shows`];
  const hall = HALLS[house];
  if (hall === undefined || hall.includes(file)) return [];
  if (rest.length === 0) {
    return [`${file} stands in the hall: ${house}/ has folders and ${hall.join(', ')}`];
  }
  if (house === 'engine' && !ranks.has(room)) {
    return [`${file}: engine/${room}/ has no rank in CONTRIBUTING.md`];
  }
  if (house !== 'modules' || rest.join('/') !== `${room}.ts`) return [];
  return [`${file} has the name of its module, which is module.ts`];
}

function badFolder(folder: string, { sources }: SourceTree, { vague }: Walls): readonly string[] {
  const [house, room = '', ...rest] = folder.split('/');
  const isModule = house === 'modules' && room !== '' && rest.length === 0;
  const isVague = vague.includes(folder.split('/').at(-1) ?? '');
  return [
    ...(isVague ? [`${folder}/ says nothing: call it by what it is about`] : []),
    ...(isModule && !MODULE_NAME.test(room) ? [`${folder}/ is not a name of a module`] : []),
    ...(isModule && !sources.has(`${folder}/module.ts`) ? [`${folder}/ has no module.ts`] : []),
  ];
}

function foreign(path: string, kind: string, { others }: Walls): readonly string[] {
  if (kind === 'folder') return [];
  if (kind === 'link') return [`${path} is a link`];
  const parts = path.split('/');
  const isNamed = others.some((known) =>
    known.split('/').every((part, at) => part === parts[at] || (part === '*' && at in parts)),
  );
  return isNamed ? [] : [`${path} is not a TypeScript file`];
}

function tooLong(file: string, text: string): readonly string[] {
  const limit = file.endsWith('/module.ts') && file.startsWith('modules/') ? 120 : 300;
  const lines = text.split('\n').length - 1;
  return lines > limit ? [`${file} has ${lines} lines, ${limit} are the most`] : [];
}
