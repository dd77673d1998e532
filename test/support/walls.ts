import { circlesIn, foldersOf, graphOf, type ImportGraph } from './import_graph.ts';

/** The rules of CONTRIBUTING.md, as its tables have them. */
export interface Walls {
  /** Rank of each folder of the engine, by its name. */
  readonly ranks: ReadonlyMap<string, number>;
  /** The one importer of each library: a file, or a folder. */
  readonly importers: ReadonlyMap<string, string>;
  /** By folder of the engine, `lab` or `modules`: what of Node.js it may import; a folder that is not named may import all. */
  readonly pure: ReadonlyMap<string, readonly string[]>;
}

/** Reads the tables of CONTRIBUTING.md. */
export function readWalls(page: string): Walls {
  const rows = (line: RegExp): readonly (readonly string[])[] =>
    [...page.matchAll(line)].map(([, ...cells]) => cells);
  return {
    ranks: new Map(
      rows(/^\| `engine\/(\w+)\/` \| (\d) \|/gm).map(([name = '', rank]) => [name, Number(rank)]),
    ),
    importers: new Map(
      rows(/^\| `([\w-]+)` \| `(engine\/[\w/.]+)` \|/gm).map(([name = '', place = '']) => [
        name,
        place.replace(/\/$/, ''),
      ]),
    ),
    pure: new Map(
      rows(/^\| `([\w/]+)\/` \| (nothing|(?:`node:[\w/]+`(?:, )?)+) \|/gm).map(
        ([name = '', allowed = '']) => [
          name,
          [...allowed.matchAll(/`([^`]+)`/g)].map(([, each = '']) => each),
        ],
      ),
    ),
  };
}

/** The doors of the engine: what stands outside of it enters by them. */
const DOORS = { modules: ['engine/sdk.ts'], lab: ['engine/sdk.ts', 'engine/extend.ts'] };

/** What `main.ts` puts together. */
const WIRED = ['engine/cli/main.ts', 'engine/sdk.ts', 'lab/field.ts', 'modules/index.ts'];

/** Every import that goes through a wall, every circle, and every file that is too long, a line each. */
export function breachesOf(sources: ReadonlyMap<string, string>, walls: Walls): readonly string[] {
  const graph = graphOf(sources);
  return [
    ...[...graph].flatMap(([file, imports]) =>
      imports.flatMap((other) => {
        const why = graph.has(other)
          ? throughWall(file, other, walls)
          : fromOutside(file, other, walls);
        return why === undefined ? [] : [`${file} imports ${other}: ${why}`];
      }),
    ),
    ...strayFiles(graph, walls),
    ...circlesIn(graph).map((circle) => `circle of files: ${circle}`),
    ...circlesIn(foldersOf(graph)).map((circle) => `circle of folders: ${circle}`),
    ...[...sources].flatMap(([file, text]) => tooLong(file, text)),
  ];
}

function throughWall(file: string, other: string, { ranks }: Walls): string | undefined {
  const [house, room = ''] = file.split('/');
  const [otherHouse, otherRoom = ''] = other.split('/');
  const isDoor = DOORS.lab.includes(other);
  if (file === 'main.ts') return WIRED.includes(other) ? undefined : 'main.ts only wires';
  if (house === 'engine') {
    if (otherHouse !== 'engine') return 'the engine knows neither lab/ nor modules/';
    if (isDoor) return 'the doors are for those outside';
    if (DOORS.lab.includes(file) || room === otherRoom) return undefined;
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

function fromOutside(file: string, name: string, { importers, pure }: Walls): string | undefined {
  const folder = [...pure.keys()].find((each) => file.startsWith(`${each}/`));
  if (name.startsWith('node:')) {
    const allowed = folder === undefined ? undefined : pure.get(folder);
    return allowed === undefined || allowed.includes(name) ? undefined : `${folder}/ is pure`;
  }
  const importer = importers.get(name.split('/')[0] ?? name);
  if (importer === undefined) return 'no file may import this library';
  const isImporter = file === importer || file.startsWith(`${importer}/`);
  return isImporter ? undefined : `its one importer is ${importer}`;
}

/** Files where none may be, and folders without a rank. */
function strayFiles(graph: ImportGraph, { ranks }: Walls): readonly string[] {
  return [...graph.keys()].flatMap((file) => {
    const [house, room = '', ...rest] = file.split('/');
    if (house !== 'engine' || DOORS.lab.includes(file)) return [];
    if (rest.length === 0) return [`${file} stands in the hall: engine/ has folders and two doors`];
    return ranks.has(room) ? [] : [`${file}: engine/${room}/ has no rank in CONTRIBUTING.md`];
  });
}

function tooLong(file: string, text: string): readonly string[] {
  const limit = file.endsWith('/module.ts') && file.startsWith('modules/') ? 120 : 300;
  const lines = text.split('\n').length - 1;
  return lines > limit ? [`${file} has ${lines} lines, ${limit} are the most`] : [];
}
