import { Refused } from '../../engine/sdk.ts';

/** One key of a configuration file and the value that it should have. */
export interface Setting {
  readonly key: string;
  readonly value: string;
  /** `always`: ours, whatever stands there. `unset`: only where the file does not say otherwise. */
  readonly when: 'always' | 'unset';
}

/** How one kind of file writes `key` and `value` in a line. */
export interface Syntax {
  /** Matches a line that gives the key a value in any spelling, also one that its readers would ignore. */
  assigns(line: string, key: string): boolean;
  /** The value as all readers of the file understand it; nothing when they would not. */
  read(line: string, key: string): string | undefined;
  /** The line, in place of `now` where the key stood there already. */
  write(setting: Setting, now: string): string;
}

/**
 * The text with the settings in it. Only lines of these keys change: other keys, comments and their
 * order stay, and what is missing is appended.
 */
export function editSettings(text: string, settings: readonly Setting[], syntax: Syntax): string {
  let lines: readonly string[] = text === '' ? [] : text.replace(/\n$/, '').split('\n');
  for (const setting of settings) lines = edit(lines, setting, syntax);
  return lines.map((line) => `${line}\n`).join('');
}

function edit(lines: readonly string[], setting: Setting, syntax: Syntax): readonly string[] {
  const { key, value, when } = setting;
  const all = lines.filter((line) => syntax.assigns(line, key));
  const last = lines.findLastIndex((line) => syntax.assigns(line, key));
  const now = lines[last];
  if (now === undefined) return [...lines, syntax.write(setting, '')];
  if (when === 'unset' && !isPlaceholder(now)) return lines;
  const found = syntax.read(now, key);
  if (found === value && all.length === 1) return lines;
  const written = lines.with(last, found === value ? now : syntax.write(setting, now));
  return written.filter((line, i) => i === last || !syntax.assigns(line, key));
}

/** Debian's scripts of 2014 leave `$KEY` where they have no value to fill in. */
function isPlaceholder(line: string): boolean {
  return /=\s*['"]?\$/.test(line);
}

/**
 * `KEY='value'` as read by lava-server and sourced by shells.
 *
 * lava-server's reader (`lava_server/settings/config_file.py`, 2014) silently ignores a line that is not
 * exactly a key, `=` and a quoted value without `'`; a shell would expand `$`, a backquote and `\` in double quotes.
 */
export const SHELL_SYNTAX: Syntax = {
  assigns: (line, key) => new RegExp(`^\\s*(?:export\\s+)?${key}\\s*=`).test(line),
  read(line, key) {
    const pattern = `^${key}=(?:'([^']*)'[ \\t]*(?:#.*)?|"([^'"$\`\\\\]*)"[ \\t]*(?:#[^'"]*)?)$`;
    const match = new RegExp(pattern).exec(line);
    return match?.[1] ?? match?.[2];
  },
  write({ key, value }, now) {
    if (/['\n\r]/.test(value)) {
      throw new Refused(
        `the value of ${key} holds ${value.includes("'") ? "a '" : 'a line break'}, which lava-server would silently ignore and a shell misread`,
        'choose another value',
      );
    }
    const [, comment = ''] = /^[^#'"]*(?:'[^']*'|"[^"]*")([ \t]+#.*)$/.exec(now) ?? [];
    return `${key}='${value}'${comment}`;
  },
};

/** `KEY = value` of lava-dispatcher.conf: no quotes, any case, `%(KEY)s` stands for another key. */
export const DISPATCHER_SYNTAX: Syntax = {
  assigns: (line, key) => new RegExp(`^${key}\\s*[=:]`, 'i').test(line),
  read: (line, key) => new RegExp(`^${key}\\s*[=:][ \\t]*(.*?)\\s*$`, 'i').exec(line)?.[1],
  write({ key, value }) {
    if (/[\n\r]/.test(value)) throw new Refused(`the value of ${key} holds a line break`);
    return `${key} = ${value}`.trimEnd();
  },
};
