import { join } from 'node:path';
import type { Environment } from '../../engine/contract/environment.ts';
import type { Registry } from '../../engine/contract/registry.ts';
import type { Play, PlayTask } from '../../engine/read/playbook/playbook.ts';
import { readPlaybook } from '../../engine/read/playbook/read_playbook.ts';
import { type AnyModule, defineModule } from '../../engine/sdk.ts';
import { nobody, sample } from './lab_files.ts';
import { testFolder } from './temp_folder.ts';
import { writeFiles } from './write_files.ts';

/** A module that takes the text of a command. */
const command = defineModule({
  name: 'command',
  summary: 'takes the text of a command',
  example: 'command: true',
  schema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      cmd: { type: 'string' },
      creates: { type: 'string' },
      chdir: { type: 'string' },
    },
  },
  desired: () => [],
});

/** `sample`, `command`, and `systemd`, which is `service` too. */
export const playModules: Registry = new Map<string, AnyModule>([
  ['sample', sample],
  ['command', command],
  ['systemd', { ...sample, name: 'systemd', aliases: ['service'] }],
]);

/** What was read of a playbook, and where. */
export interface ReadFiles {
  readonly folder: string;
  readonly plays: readonly Play[];
  /** The tasks of all plays. */
  readonly tasks: readonly PlayTask[];
  /** Mistakes, one line each, paths from the playbook's folder: `a.yml:3:5 unknown-key message | hint`. */
  readonly errors: readonly string[];
}

/** Reads `playbook.yaml` of a folder with these files; a text is the playbook alone. */
export async function playbookOf(
  files: string | Readonly<Record<string, string>>,
  env: Partial<Environment> = {},
): Promise<ReadFiles> {
  const folder = testFolder();
  await writeFiles(folder, typeof files === 'string' ? { 'playbook.yaml': files } : files);
  const read = await readPlaybook(join(folder, 'playbook.yaml'), playModules, {
    ...nobody,
    home: folder,
    ...env,
  });
  const errors = read.errors.map(({ code, message, place, hint }) => {
    const where = place ? `${place.file}:${place.line}:${place.column}` : '-';
    return `${where} ${code} ${message}${hint ? ` | ${hint}` : ''}`.replaceAll(`${folder}/`, '');
  });
  const { plays } = read.playbook;
  return { folder, plays, tasks: plays.flatMap(({ tasks }) => tasks), errors };
}

/** Reads a play that has these tasks, as YAML, with files beside it. */
export function tasksOf(
  tasks: string,
  files: Readonly<Record<string, string>> = {},
): Promise<ReadFiles> {
  const indented = tasks.replace(/^(?=.)/gm, '    ');
  return playbookOf({ ...files, 'playbook.yaml': `- hosts: all\n  tasks:\n${indented}` });
}
