import { main as run } from './engine/cli/main.ts';
import * as sdk from './engine/sdk.ts';
import { lavaLab } from './lab/field.ts';
import { modules } from './modules/index.ts';

/** The program: the engine, told what a LAVA lab is, with the modules for one. Resolves with the exit code. */
export function main(): Promise<number> {
  return run({
    summary: 'builds and maintains a distributed LAVA lab from one YAML inventory, over SSH',
    modules,
    extension: lavaLab,
    commands: lavaLab.commands,
    sdk,
  });
}
