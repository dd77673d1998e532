import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readCase } from '../../engine/cases/case_file.ts';
import { outcome } from '../../engine/cases/outcome.ts';
import type { AnyModule } from '../../engine/sdk.ts';
import { type FileCoverage, unreachedSites } from '../support/case_sites.ts';
import { testFolder } from '../support/temp_folder.ts';

const root = join(import.meta.dirname, '../..');

/** Tests that say, without a host, what comes of modules and of what they share. */
const CASES = [
  'test/modules/cases.test.ts',
  'test/modules/health',
  'test/modules/device_dictionary.test.ts',
  'test/modules/foreign_settings.test.ts',
  'test/modules/lava_worker_agent.test.ts',
  'test/lab/board',
  'test/lab/capacity',
  'test/lab/host',
  'test/lab/https',
  'test/lab/inventory',
  'test/lab/master/daemons.test.ts',
  'test/lab/master/registration.test.ts',
  'test/lab/network',
  'test/lab/proofs',
  'test/lab/share/sshd_state.test.ts',
  'test/lab/tunnel/lab_tunnel.test.ts',
  'test/lab/tunnel/try_tunnel.test.ts',
];

/** What draws and commands, and has nothing to do with what modules make. */
const COMMANDS = ['lab/page', 'lab/retire', 'lab/status'];

test('whatever a module does, finds, warns of or refuses has a case', async () => {
  const folder = testFolder();
  const args = [
    ...['run', '--project', 'unit', ...CASES, '--coverage', '--coverage.reporter=json'],
    ...['--coverage.include=modules/**/*.ts', '--coverage.include=lab/**/*.ts'],
    `--coverage.reportsDirectory=${folder}`,
  ];
  const { code, said } = await vitest(args);
  expect(code, said).toBe(0);
  const files: Readonly<Record<string, FileCoverage>> = JSON.parse(
    readFileSync(join(folder, 'coverage-final.json'), 'utf8'),
  );
  expect(Object.keys(files).length).toBeGreaterThan(100);
  const ours = Object.values(files).filter(
    ({ path }) =>
      ['modules', 'lab'].some((folder) => path.startsWith(join(root, folder))) &&
      !COMMANDS.some((folder) => path.startsWith(join(root, folder))),
  );
  expect(unreachedSites(ours, root)).toEqual([]);
});

test('a step or a finding that never comes is seen to have no case', () => {
  const path = join(testFolder(), 'module.ts');
  writeFileSync(
    path,
    "if (x) {\n  found.push({ severity: 'problem' });\n}\nthrow new Refused(y);\n",
  );
  const line = (n: number, from = 0) => ({
    ...{ start: { line: n, column: from }, end: { line: n, column: 99 } },
  });
  const coverage: FileCoverage = {
    path,
    statementMap: { 0: line(2), 1: line(4) },
    s: { 0: 0, 1: 3 },
    branchMap: {},
    b: {},
  };
  expect(unreachedSites([coverage], '/')).toEqual([
    expect.stringMatching(/module\.ts:2: found\.push/),
  ]);
});

const here = import.meta.dirname;
const named = readdirSync(here, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && entry.name !== 'health')
  .map(({ name }) => name);

test.each(named)('each step of %s is expected by a case', async (name) => {
  const { default: module }: { default: AnyModule } = await import(
    `../../modules/${name}/module.ts`
  );
  const come = new Set<string>();
  const expected = new Set<string>();
  for (const file of readdirSync(join(here, name)).filter((entry) => entry.endsWith('.yaml'))) {
    const { value } = readCase(readFileSync(join(here, name, file), 'utf8'), file);
    const { steps = [] } = outcome(module, { ...value, expect: { ...value.expect, steps: [] } });
    for (const step of steps) come.add(titleOf(step));
    for (const step of value.expect.steps ?? []) expected.add(titleOf(step));
  }
  expect([...come].filter((title) => !expected.has(title))).toEqual([]);
});

function titleOf(step: string | { readonly title: string }): string {
  return typeof step === 'string' ? step : step.title;
}

/** Runs tests in a process of their own. */
async function vitest(
  args: readonly string[],
): Promise<{ readonly code: number | null; readonly said: string }> {
  const program = join(root, 'node_modules/vitest/vitest.mjs');
  const child = spawn(process.execPath, [program, ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, said };
}
