import { LabError } from './errors.ts';

/** The commands are loaded inside, as a `LAVA_PLAY_LAB` that names no lab is found while they are. */
process.exitCode = await import('./lab_commands.ts')
  .then(({ main }) => main(process.argv.slice(2)))
  .catch((error: unknown) => {
    if (!(error instanceof LabError)) throw error;
    console.error(`lab: ${error.message}`);
    return 1;
  });
