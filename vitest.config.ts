import { defineConfig } from 'vitest/config';

/**
 * What a test waits for has its limits, which follow the load of the machine (test/support/patience.ts). These are for
 * a test that waits for nothing it could name, and no measure of speed.
 */
const LAST_RESORT = { testTimeout: 7_200_000, hookTimeout: 7_200_000 };

/** Tests of one project share one lab, so they run one after another. */
const onTheLab = {
  globalSetup: ['test/booted/global_setup.ts'],
  fileParallelism: false,
  ...LAST_RESORT,
};

export default defineConfig({
  test: {
    cache: false,
    reporters: ['default', './test/support/closing_line.ts'],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/booted/**', 'test/lava/**', 'test/usb/**'],
          globalSetup: ['test/support/own_temp_folder.ts'],
          testTimeout: 900_000,
          hookTimeout: 900_000,
        },
      },
      {
        test: {
          name: 'booted',
          include: ['test/booted/**/*.test.ts'],
          ...onTheLab,
        },
      },
      {
        test: {
          name: 'lava',
          include: ['test/lava/**/*.test.ts'],
          ...onTheLab,
        },
      },
      {
        test: {
          name: 'usb',
          include: ['test/usb/**/*.test.ts'],
          globalSetup: ['test/support/own_temp_folder.ts', 'test/usb/global_setup.ts'],
          fileParallelism: false,
          ...LAST_RESORT,
        },
      },
    ],
  },
});
