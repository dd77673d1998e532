import { beforeEach, test } from 'vitest';

let broken: string | undefined;

beforeEach(({ skip }) => {
  if (broken !== undefined) skip(`it stands on "${broken}", which failed`);
});

/**
 * A test that makes what the tests after it in its file stand on, such as the first apply of a lab: where it fails,
 * they are skipped at once and say so, instead of waiting each for what cannot come.
 */
export function foundation(name: string, work: () => Promise<void>): void {
  test(name, async ({ onTestFailed }) => {
    onTestFailed(() => {
      broken = name;
    });
    await work();
  });
}
