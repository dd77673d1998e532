import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../booted/paths.ts';
import {
  type Closing,
  closeRuns,
  labCommand,
  runTests,
  type TestRun,
} from '../support/test_run.ts';
import {
  compareVersions,
  documentedVersions,
  PROGRAMS,
  type Versions,
  versionIn,
} from './versions.ts';

const FILES = ['lab', 'https', 'worker'].map((name) => `test/lava/${name}.test.ts`);

/** The rows of docs/support.md. */
const ROWS = [
  { name: 'newest 12', projects: ['lava'], lab: 'nwa', debian: 12, files: FILES },
  { name: 'newest 13', projects: ['lava'], lab: 'nwb', debian: 13, files: FILES },
] as const satisfies readonly TestRun[];

const chosen = process.argv[2];
const rows = ROWS.filter(({ debian }) => chosen === undefined || chosen === String(debian));
if (rows.length === 0) throw new Error(`there is no row '${chosen}', only 12 and 13`);

/** Nothing of an earlier lab is used: base trees and packages come from the archive as it is now. */
const cache = mkdtempSync('/var/tmp/lava-play-newest-');
process.env.LAVA_PLAY_LAB_CACHE = cache;

/** Ctrl-C reaches the runs too, which end at once; their labs are ended here. */
process.on('SIGINT', () => undefined);

const page = readFileSync(join(projectRoot, 'docs/support.md'), 'utf8');
try {
  const results = await Promise.all(rows.map(tryRow));
  process.exitCode = closeRuns(results.map(({ closing }) => closing));
  process.stdout.write(`\n${results.flatMap(({ versions }) => versions).join('\n')}\n`);
} finally {
  rmSync(cache, { recursive: true, force: true });
}

/** The lab is up before the tests and after them, so that its hosts can be asked what they had. */
async function tryRow(row: (typeof ROWS)[number]): Promise<{
  readonly closing: Closing;
  readonly versions: readonly string[];
}> {
  const named = documentedVersions(page, row.debian);
  try {
    await labCommand(row, ['up', '--debian', String(row.debian)]);
    const closing = await runTests(row, 'newest 12'.length);
    return {
      closing,
      versions: compareVersions(row.debian, { seen: await versionsOf(row), named }),
    };
  } catch (error) {
    const flaw = `failed: the lab of ${row.name}: ${error instanceof Error ? error.message.trim() : error}`;
    return { closing: { counts: [0, 1, 0], flaws: [flaw] }, versions: [] };
  } finally {
    await labCommand(row, ['down']);
  }
}

async function versionsOf({ lab }: (typeof ROWS)[number]): Promise<Partial<Versions>> {
  const entries = PROGRAMS.map(async ({ name, host, package: pkg }) => {
    const policy = ['exec', `${lab}-${host}`, '--', 'apt-cache', 'policy', pkg];
    return [name, versionIn(await labCommand({ lab }, policy))];
  });
  return Object.fromEntries(await Promise.all(entries));
}
