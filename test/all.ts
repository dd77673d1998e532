import { closeRuns, labCommand, runTests, type TestRun } from './support/test_run.ts';

const LAVA_12: TestRun = { name: 'lava 12', projects: ['lava'], lab: 'lav', debian: 12 };
const LAVA_13: TestRun = { name: 'lava 13', projects: ['lava'], lab: 'lat', debian: 13 };

const HTTPS = 'test/lava/https.test.ts';

/** Beside each other, because a test on booted hosts mostly waits for them. */
const ALL: readonly TestRun[] = [
  { name: 'here', projects: ['unit', 'usb'], lab: 'usb' },
  { name: 'booted', projects: ['booted'], lab: 'lab' },
  { ...LAVA_12, story: 'short', without: [HTTPS, 'test/lava/upgrade.test.ts'] },
  { ...LAVA_13, files: ['test/lava/lab.test.ts', HTTPS] },
];

/** `long`: all of real LAVA, on each release. */
const runs = process.argv[2] === 'long' ? [LAVA_12, LAVA_13] : ALL;

/** Ctrl-C reaches the runs too, which end at once and leave their labs. */
let isInterrupted = false;
process.on('SIGINT', () => {
  isInterrupted = true;
});

const width = Math.max(...runs.map(({ name }) => name.length));
const closings = await Promise.all(runs.map((run) => runTests(run, width)));
if (isInterrupted) for (const run of runs) await labCommand(run, ['down']);
process.exitCode = closeRuns(closings);
