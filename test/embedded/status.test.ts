import { spawn } from 'node:child_process';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LabStatus } from '../../lab/status/lab_status.ts';
import { lavaPlay, program } from '../support/program.ts';
import { startAtTerminal } from '../support/terminal.ts';
import { type EmbeddedLab, startEmbeddedLab } from './embedded_lab.ts';

let lab: EmbeddedLab;

beforeAll(async () => {
  lab = await startEmbeddedLab({ workers: 2 });
  const { code, stdout } = await lavaPlay(['apply', lab.inventoryFile]);
  expect(code, stdout).toBe(0);
});

afterAll(() => lab?.stop());

test('every worker has a line, every board too', async () => {
  const workers = await lavaPlay(['status', lab.inventoryFile]);
  expect(workers.stdout).toMatch(/^. worker01 /m);
  expect(workers.stdout).toMatch(/^. worker02 /m);
  expect(workers.code).toBe(1);
  const boards = await lavaPlay(['status', lab.inventoryFile, '--boards']);
  expect(boards.stdout).toMatch(/^✖ board-01 +worker01 .*missing/m);
});

test('--json is the whole status, --watch --json one a line until Ctrl-C', async () => {
  const { stdout, code } = await lavaPlay(['status', lab.inventoryFile, '--json']);
  const status: LabStatus = JSON.parse(stdout);
  expect(code).toBe(1);
  expect(status.workers.map(({ name }) => name)).toEqual(['worker01', 'worker02']);

  const watching = spawn(
    process.execPath,
    [program, 'status', lab.inventoryFile, '--json', '--watch', '--interval', '1'],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let lines: readonly string[] = [];
  let text = '';
  watching.stdout.on('data', (chunk) => {
    text += chunk;
    lines = text.split('\n').slice(0, -1);
    if (lines.length >= 2) watching.kill('SIGINT');
  });
  const ended = await new Promise((resolve) => watching.on('exit', resolve));
  expect(ended).toBe(0);
  const rounds = lines.map((line): LabStatus => JSON.parse(line));
  expect(rounds.map(({ workers }) => workers.length)).toEqual([2, 2]);
  expect(rounds[0]?.time).not.toBe(rounds[1]?.time);
});

test('--watch draws over itself on a terminal, and gives the cursor back at Ctrl-C', async () => {
  const watch = ['status', lab.inventoryFile, '-w', '--interval', '1'];
  const terminal = startAtTerminal([process.execPath, program, ...watch]);
  let text = '';
  terminal.stdout.on('data', (chunk) => {
    text += chunk;
    if (text.split('WORKER').length > 2 && !terminal.stdin.writableEnded)
      terminal.stdin.end('\x03');
  });
  const ended = await new Promise((resolve) => terminal.on('exit', resolve));
  expect(ended).toBe(0);
  const [first = '', ...later] = text.split('\x1b[H');
  expect(first).toBe('\x1b[?25l\x1b[2J');
  expect(later.length).toBeGreaterThan(1);
  expect(text.trimEnd().slice(-6)).toBe('\x1b[?25h');
});

test('an interval that makes no sense is a clear mistake, before any host is asked', async () => {
  const { code, stderr } = await lavaPlay(['status', lab.inventoryFile, '-w', '--interval', '0']);
  expect(code).toBe(2);
  expect(stderr).toMatch(/--interval must be 1 to 86400 seconds, not '0'/);
});
