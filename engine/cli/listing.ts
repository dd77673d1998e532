import type { ReadyPlay } from '../contract/task.ts';
import type { Call, OptionSpec } from './command.ts';

/** Options that name what a run would do, and end there. */
export const listOptions = {
  'list-hosts': { type: 'boolean', text: 'list the hosts of each play, and do nothing else' },
  'list-tasks': { type: 'boolean', text: 'list the tasks of each play, and do nothing else' },
  'list-tags': { type: 'boolean', text: 'list the tags of the playbook, and do nothing else' },
} as const satisfies Readonly<Record<string, OptionSpec>>;

/** Whether a command line only asks what there is. */
export function isListing(call: Call): boolean {
  return Object.keys(listOptions).some((name) => call.flag(name));
}

/** The hosts, tasks and tags that a command line asks for, as Ansible's options of these names list them. */
export function listing(
  { plays, tags }: { readonly plays: readonly ReadyPlay[]; readonly tags: readonly string[] },
  call: Call,
): string {
  const lines = plays.flatMap((play) => [
    `play: ${play.name}`,
    ...(call.flag('list-hosts') ? play.hosts.map((host) => `  host: ${host}`) : []),
    ...(call.flag('list-tasks') ? labelsOf(play).map((label) => `  task: ${label}`) : []),
  ]);
  const ofPlays = call.flag('list-hosts') || call.flag('list-tasks') ? lines : [];
  const ofTags = call.flag('list-tags') ? [`tags: ${tags.join(', ')}`] : [];
  return [...ofPlays, ...ofTags].map((line) => `${line}\n`).join('');
}

/** What a play does on any of its hosts, in order, each once. */
function labelsOf({ hosts, tasks }: ReadyPlay): readonly string[] {
  const all = hosts.flatMap((host) => tasks.get(host) ?? []);
  return [...new Set(all.toSorted((a, b) => a.index - b.index).map(({ label }) => label))];
}
