import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import module from '../../../modules/lava_worker_agent/module.ts';
import { findingsOf, lineOf, queriesOf } from '../../support/health.ts';

const ID = 'lava_worker_agent.heartbeat';
const NOW = 1_800_000_000;

/** What the heartbeat runtime itself writes when it stands so, by Python's names for it. */
function status(fields: Readonly<Record<string, unknown>>): string {
  const program = `import json, sys
sys.path.insert(0, ${JSON.stringify(join(import.meta.dirname, '../../../modules/lava_worker_agent/files/lava_heartbeat'))})
sys.dont_write_bytecode = True
from status import Status, status_text
from watch import Sight
given = json.loads(${JSON.stringify(JSON.stringify(fields))})
given["sights"] = tuple(Sight(*each) for each in given.get("sights", []))
print(status_text(Status(**given)), end="")`;
  return execFileSync('python3', ['-c', program], { encoding: 'utf8' });
}

const FINE = {
  ...{ mode: 'current', host: 'worker01', url: 'http://192.0.2.10/lava-heartbeat/', period: 300 },
  ...{ started: NOW - 900, last_try: NOW - 20, last_success: NOW - 20, next_try: NOW + 280 },
};

function told(text: string, active = 'active'): readonly string[] {
  const answers = { [ID]: `${active}\n${NOW}\n${text}` };
  return findingsOf(queriesOf(module, {}), answers).map(([id, finding]) => lineOf(id, finding));
}

test('a heartbeat that beats and arrives, and one that has just been started', () => {
  expect(told(status(FINE))).toEqual([]);
  expect(told('')).toEqual([]);
  expect(told(status({ ...FINE, last_try: null, last_success: null, period: 0 }))).toEqual([]);
});

test('one that does not run, or is not there', () => {
  expect(told(status(FINE), 'failed')).toEqual([
    `problem ${ID} [unit lava-heartbeat.service] the heartbeat of this worker is not running | lava-heartbeat.service: failed`,
  ]);
  expect(told('', '')[0]).toMatch(/is not installed \| .*lava-heartbeat\.service: no such file$/);
});

test('one that hangs, which is not one that only waits for its period', () => {
  const deferred = { ...FINE, last_try: NOW - 440 };
  expect(told(status(deferred))).toEqual([]);
  expect(told(status({ ...deferred, last_try: NOW - 460 }))).toEqual([
    expect.stringMatching(/the heartbeat of this worker hangs \| .*period 300 s$/),
  ]);
});

test('one that the master does not take', () => {
  const failing = {
    last_error: 'no answer within 30 s',
    last_error_time: NOW,
    failures_in_a_row: 3,
  };
  expect(told(status({ ...FINE, ...failing, last_success: null }))).toEqual([
    expect.stringMatching(/does not accept .* \| no answer within 30 s; none was ever accepted$/),
  ]);
  expect(told(status({ ...FINE, ...failing, failures_in_a_row: 0 }))).toEqual([]);
});

test('a worker without what its jobs need: no jobs on current LAVA, a warning on classic', () => {
  const sights = [
    ['serial', '/dev/lava/imx', 'is not there'],
    ['mount', '/srv/lava-share', null],
    ['disk', '/', 'is used by more than 95 %'],
  ];
  expect(told(status({ ...FINE, sights }))).toEqual([
    `problem ${ID} [equipment of the worker] this worker lacks what jobs need, and gets none until it is fixed | serial /dev/lava/imx is not there; disk / is used by more than 95 %`,
  ]);
  expect(told(status({ ...FINE, mode: 'classic', sights }))[0]).toMatch(/^warning /);
});

test('a runtime of release 0.1, which says nothing of boards', () => {
  const sights = [['serial', '/dev/lava/imx', 'is not there']];
  const text = status({ ...FINE, sights }).replace(/,\s*"device": null/, '');
  expect(text).not.toContain('"device"');
  expect(told(text)[0]).toMatch(/\[equipment of the worker\] this worker lacks/);
});

test('a period that cannot be read', () => {
  const text = status({ ...FINE, period_complaint: "worker.conf: no whole number: 'x'" });
  expect(told(text)).toEqual([expect.stringMatching(/^warning .*no whole number: 'x'$/)]);
});

test('without a heartbeat it is not asked for', () => {
  const ids = queriesOf(module, { heartbeat: 'off' }).map(({ id }) => id);
  expect(ids).toEqual([
    'lava_worker_agent.service',
    'lava_worker_agent.programs',
    'lava_worker_agent.board-side',
  ]);
});

describe('what the heartbeat has found wrong', () => {
  const dead: readonly string[] = ['mount', '/srv/lava-share', 'does not answer'];
  const look = (...sights: readonly object[]): string =>
    `\nlooked again: ${JSON.stringify({ sights, receiver: null })}\n`;
  const sight = (problem: string | null) => ({ kind: 'mount', what: '/srv/lava-share', problem });

  test('and is right by now is a note, until it looks again', () => {
    const text = status({ ...FINE, sights: [dead] });
    expect(told(text + look(sight(null)))).toEqual([
      `note ${ID} [equipment of the worker] this worker has what jobs need again; its heartbeat has not noticed yet | mount /srv/lava-share does not answer, seen at 2027-01-15T07:59:40Z; the next try is at 2027-01-15T08:04:40Z`,
    ]);
    expect(told(text + look(sight('does not answer')))[0]).toMatch(
      /^problem .*lacks what jobs need/,
    );
    expect(told(`${text}\nlooked again: {`)[0]).toMatch(/^problem /);
    const classic = status({ ...FINE, mode: 'classic', next_try: 0, sights: [dead] });
    expect(
      told(classic.replace(/"next_try": ".*?"/, '"next_try": null') + look(sight(null))),
    ).toEqual([expect.stringMatching(/^note .*; the next try comes soon$/)]);
  });

  test('counts as it is where only one of several is right', () => {
    const board = (device: string) => ({
      ...sight(null),
      what: '/dev/lava/a',
      kind: 'serial',
      device,
    });
    const text = status({
      ...FINE,
      sights: [dead, ['serial', '/dev/lava/a', 'is not there', 'a']],
    });
    expect(told(text + look(sight('is dead'), board('a'))).map((line) => line.slice(0, 8))).toEqual(
      ['problem ', 'note lav'],
    );
  });
});

test('a heartbeat that could not get through to a receiver that answers by now', () => {
  const failing = (message: string) =>
    status({ ...FINE, last_error: message, last_error_time: NOW, failures_in_a_row: 1 });
  const again = '\nlooked again: {"sights": [], "receiver": 200}\n';
  expect(told(failing('timed out') + again)).toEqual([
    expect.stringMatching(/^note .*has not tried again yet \| timed out; the next try is at/),
  ]);
  const refused = 'the master does not take the key of worker01: x (HTTP 403 Forbidden)';
  expect(told(failing(refused) + again)[0]).toMatch(/^problem .*HTTP 403/);
  expect(told(failing('timed out') + again.replace('200', '0'))[0]).toMatch(/^problem /);
});
