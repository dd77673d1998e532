import type { TestProject } from 'vitest/node';
import { type DebianRelease, parseRelease, RELEASES } from './debian_release.ts';
import { LabUnavailable } from './errors.ts';
import { startLab, stopLab } from './lab.ts';
import { identifyProcess, isRunning } from './process_identity.ts';
import { describeLab } from './start.ts';
import { readState } from './state.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Why no lab could be booted here. */
    labUnavailable: string | undefined;
    /** Whose the lab is: a developer's is used, but neither ended nor restarted. */
    labOwner: 'test run' | 'developer' | undefined;
  }
}

let started = false;

/** Boots one lab for all lab tests, or uses the developer's; where none can be, says why. */
export async function setup(project: TestProject): Promise<void> {
  const running = readState();
  if (running && describeLab(running) === 'up') {
    if (running.keeper && isRunning(running.keeper)) {
      skipAll(project, `process ${running.keeper.pid} is running the lab tests already`);
      return;
    }
    project.provide('labUnavailable', undefined);
    project.provide('labOwner', 'developer');
    return;
  }
  try {
    const servers = releaseOfTests();
    const releases = { servers, workers: servers };
    await startLab({ releases, keeper: identifyProcess(process.pid), report: console.log });
    started = true;
    project.provide('labUnavailable', undefined);
    project.provide('labOwner', 'test run');
  } catch (error) {
    if (!(error instanceof LabUnavailable)) throw error;
    skipAll(project, error.message);
  }
}

/** Ends the lab that `setup` booted. */
export async function teardown(): Promise<void> {
  if (started) await stopLab();
}

/** `LAVA_PLAY_LAB_DEBIAN` runs the tests on hosts of another release than 12. */
function releaseOfTests(): DebianRelease {
  const text = process.env.LAVA_PLAY_LAB_DEBIAN ?? '12';
  const release = parseRelease(text);
  if (release) return release;
  throw new Error(`LAVA_PLAY_LAB_DEBIAN must be ${RELEASES.join(' or ')}, not '${text}'`);
}

function skipAll(project: TestProject, reason: string): void {
  console.warn(`\nNO LAB, its tests are skipped: ${reason}\n`);
  project.provide('labUnavailable', reason);
  project.provide('labOwner', undefined);
}
