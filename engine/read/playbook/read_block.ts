import type { BlockPart } from '../../contract/task.ts';
import { placeOf } from '../../values/places.ts';
import { type Fields, field } from '../../values/values.ts';
import { type Around, inside } from './around.ts';
import { readKeys } from './keys.ts';
import type { PlayTask } from './playbook.ts';
import type { Entry, Reading } from './reading.ts';
import { blockSchema } from './task_keywords.ts';

const PARTS = ['block', 'rescue', 'always'] as const;

/** Reads a block; its tasks know that it is there only where one part of it depends on how another ends. */
export async function readBlock(
  entry: Entry,
  around: Around,
  reading: Reading,
): Promise<readonly PlayTask[]> {
  const label = entry.label.replace(/^task/, 'block');
  const fields = readKeys(entry.fields, blockSchema, { ...entry, label }, reading.errors);
  if (around.kind === 'handler') {
    const message = `${label}: a block cannot be a handler`;
    const hint = 'write several handlers that listen to the same word: listen: NAME';
    reading.errors.push({ code: 'not-allowed', message, place: entry.place, hint });
    return [];
  }
  const own = inside(around, fields, reading);
  const depends = has(fields, 'rescue') || has(fields, 'always');
  const block = depends ? reading.nextBlock() : '';
  const tasks: PlayTask[] = [];
  for (const part of PARTS) {
    const given = {
      entries: fields[part],
      label: part === 'block' ? label : `${part} of ${label}`,
      place: placeOf(fields, part) ?? entry.place,
    };
    const here: BlockPart = { block, part, rescued: has(fields, 'rescue') };
    tasks.push(
      ...(await reading.tasks(given, depends ? { ...own, blocks: [...own.blocks, here] } : own)),
    );
  }
  return tasks;
}

function has(fields: Fields, part: string): boolean {
  return field(fields, part) !== undefined;
}
