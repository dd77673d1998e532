/** Files of a worker's folder on the master that we write parts of. */
const OWN_FILES: readonly string[] = ['dispatcher.yaml', 'env.yaml'];

/** Something that the master tells a worker and that is neither ours nor common to all workers. */
export interface Foreign {
  readonly file: string;
  /** Nothing for a whole file. */
  readonly key: string | undefined;
}

/** What stands in a worker's folder on the master, and what all workers are told. */
export interface Told {
  /** Names of all its files. */
  readonly names: readonly string[];
  readonly env: string;
  readonly dispatcher: string;
  readonly commonEnv: string;
}

/** An entry of a settings file with the numbers of its lines. */
interface Entry {
  readonly key: string;
  readonly text: string;
  readonly lines: readonly number[];
}

/**
 * What somebody else has put into the settings of a worker; what `keep` names is wanted.
 *
 * env.yaml becomes the environment of root's `lava-run` on the worker (lava_dispatcher/worker.py, 2023.01), so
 * each line counts that is not known, however it is written.
 */
export function foreignSettings(told: Told, keep: readonly string[]): readonly Foreign[] {
  const found = [
    ...told.names
      .filter((name) => !OWN_FILES.includes(name))
      .map((file) => ({ file, key: undefined })),
    ...strangeEnv(told.env, told.commonEnv).map(({ key }) => ({ file: 'env.yaml', key })),
    ...strangeDispatcher(told.dispatcher).map(({ key }) => ({ file: 'dispatcher.yaml', key })),
  ];
  return found.filter(({ file, key }) => !keep.includes(key ?? file));
}

/** An env.yaml without what is foreign and not to be kept. */
export function cleanEnv(text: string, commonEnv: string, keep: readonly string[]): string {
  return without(text, strangeEnv(text, commonEnv), keep);
}

/** A dispatcher.yaml without what is foreign and not to be kept. */
export function cleanDispatcher(text: string, keep: readonly string[]): string {
  return without(text, strangeDispatcher(text), keep);
}

/** The findings in words: `env.yaml (PYTHONWARNINGS, BROWSER) and env-dut.yaml`. */
export function foreignInWords(foreign: readonly Foreign[]): string {
  return [...new Set(foreign.map(({ file }) => file))]
    .map((name) => {
      const keys = foreign.flatMap(({ file, key }) =>
        file === name && key !== undefined ? [key] : [],
      );
      return keys.length === 0 ? name : `${name} (${keys.join(', ')})`;
    })
    .join(' and ');
}

function strangeEnv(text: string, commonEnv: string): readonly Entry[] {
  const common = new Set(entriesOf(commonEnv, ENV_SECTIONS).map((entry) => entry.text));
  return entriesOf(text, ENV_SECTIONS).filter((entry) => !common.has(entry.text));
}

function strangeDispatcher(text: string): readonly Entry[] {
  return entriesOf(text, []).filter(({ key }) => key !== 'dispatcher_ip');
}

/** Keys of env.yaml whose entries are looked at one by one (share/env.yaml of lava-server 2023.01). */
const ENV_SECTIONS = ['overrides'];

/**
 * The entries of a file, outside of comments and of what is ours in our block. A line that is indented, or begins with
 * a dash, belongs to the entry before it; directly below a section each entry begins with the section's first
 * indentation.
 */
function entriesOf(text: string, sections: readonly string[]): readonly Entry[] {
  const entries: { readonly key: string; text: string; readonly lines: number[] }[] = [];
  let open: (typeof entries)[number] | undefined;
  let place: 'top' | 'section' = 'top';
  let depth: number | undefined;
  let isOurs = false;
  for (const [number, line] of text.split(LINE_END).entries()) {
    const words = line.trim();
    if (words === OUR_BEGIN) isOurs = true;
    const isSilent =
      words === '' || words.startsWith('#') || words === '---' || (isOurs && OUR_ENTRY.test(words));
    if (words === OUR_END) isOurs = false;
    if (isSilent) continue;
    const indent = line.length - line.trimStart().length;
    const isTop = indent === 0 && !words.startsWith('-');
    if (isTop) {
      place = sections.some((name) => words === `${name}:`) ? 'section' : 'top';
      depth = undefined;
      open = undefined;
      if (place === 'section') continue;
    }
    const isChild = place === 'section' && !words.startsWith('-') && indent === (depth ?? indent);
    if (isChild) depth = indent;
    if (isTop || isChild || !open) {
      open = { key: keyOf(words), text: words, lines: [number] };
      entries.push(open);
    } else {
      open.text += `\n${words}`;
      open.lines.push(number);
    }
  }
  return entries;
}

/** All that ends a line of YAML 1.1, and with it a comment. */
const LINE_END = /\r\n|[\n\r\x85\u2028\u2029]/;

/** What we write into our block; whatever else stands there was put in by somebody. */
const OUR_ENTRY = /^(overrides:$|(https?_proxy|no_proxy): ")/;

const OUR_BEGIN = '# BEGIN lava-play proxy';
const OUR_END = '# END lava-play proxy';

function without(text: string, strange: readonly Entry[], keep: readonly string[]): string {
  const gone = new Set(
    strange.filter(({ key }) => !keep.includes(key)).flatMap(({ lines }) => lines),
  );
  return text
    .split(LINE_END)
    .filter((_, number) => !gone.has(number))
    .join('\n');
}

function keyOf(line: string): string {
  const [, key = line] = /^["']?([^"':{}[\]]+)["']?\s*:/.exec(line) ?? [];
  return key.trim().slice(0, 60);
}
