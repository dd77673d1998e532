/** An entry of a crontab that has a name: a job or a variable. */
export interface CronEntry {
  readonly name: string;
  /** The line of the job; nothing for none. */
  readonly line: string | undefined;
}

const MARK = '#Ansible: ';

/** A crontab with this job, at the place of the one of the same name, or without it. Ansible marks jobs in the same way. */
export function withJob(now: string, { name, line }: CronEntry): string {
  const lines = linesOf(now);
  const at = lines.indexOf(MARK + name);
  if (at < 0) return textOf(line === undefined ? lines : [...lines, MARK + name, line]);
  const rest = lines.slice(at + 1);
  const isJob = rest[0] !== undefined && !rest[0].startsWith(MARK);
  const after = (isJob ? rest.slice(1) : rest).flatMap((each, i, all) => {
    if (each === MARK + name) return [];
    return i > 0 && all[i - 1] === MARK + name ? [] : [each];
  });
  const here = line === undefined ? [] : [MARK + name, line];
  return textOf([...lines.slice(0, at), ...here, ...after]);
}

/** A crontab with this variable, at its place or before all jobs, or without it. */
export function withVariable(now: string, name: string, value: string | undefined): string {
  const lines = linesOf(now);
  const isOurs = (line: string): boolean => /^\s*(\w+)\s*=/.exec(line)?.[1] === name;
  const at = lines.findIndex(isOurs);
  if (value === undefined) return textOf(lines.filter((line) => !isOurs(line)));
  const line = `${name}="${value}"`;
  if (at < 0) return textOf([line, ...lines]);
  return textOf(lines.flatMap((each, i) => (i === at ? [line] : isOurs(each) ? [] : [each])));
}

function linesOf(text: string): readonly string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n');
}

function textOf(lines: readonly string[]): string {
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}
