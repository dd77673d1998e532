import { defineConfig } from 'vitest/config';

/** Tests of one project share one lab, so they run one after another. */
const onTheLab = {
  globalSetup: ['test/lab/global_setup.ts'],
  fileParallelism: false,
  testTimeout: 600_000,
  hookTimeout: 900_000,
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
          exclude: ['test/lab/**', 'test/lava/**', 'test/usb/**'],
          globalSetup: ['test/support/own_temp_folder.ts'],
          testTimeout: 90_000,
          hookTimeout: 90_000,
        },
      },
      {
        test: {
          name: 'lab',
          include: ['test/lab/**/*.test.ts'],
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
          testTimeout: 600_000,
          hookTimeout: 600_000,
        },
      },
    ],
  },
});
