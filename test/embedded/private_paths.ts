import { Transform } from 'node:stream';

/**
 * Folders of a host that lie in its private root. Everything else, such as `/proc`, `/dev` and `/tmp`, is
 * this machine's.
 */
const PRIVATE_FOLDERS = [
  'etc',
  'home',
  'lib/systemd',
  'opt',
  'root',
  'run',
  'srv',
  'usr/lib/postgresql',
  'usr/lib/systemd',
  'usr/local',
  'usr/share',
  'var',
];

/** Where a host's files and programs are on this machine. */
export interface PrivatePlace {
  /** The folder that stands for `/`. */
  readonly root: string;
  /** What its PATH is, whatever a script sets it to. */
  readonly path: string;
}

/**
 * A word that begins with one of the folders. What may stand before it keeps base64 and relative paths
 * apart from absolute ones.
 */
const ABSOLUTE = new RegExp(
  `(?<=^|[\\s"'=:(<>,|;&\`])/(?=(?:${PRIVATE_FOLDERS.join('|')})(?:[^\\w.-]|$))`,
  'g',
);

const PATH_ASSIGNMENT = /^PATH=\/\S*/;

/** How the engine's here-documents of base64 begin, also within a quoted script, and end. */
const TEXT_BEGIN = /<<\S*LAVA_PLAY_TEXT\S*$/;
const TEXT_END = 'LAVA_PLAY_TEXT';

/** A line of shell with absolute paths led into the private root. */
export function intoRoot(line: string, { root, path }: PrivatePlace): string {
  return line.replace(PATH_ASSIGNMENT, `PATH=${path}`).replace(ABSOLUTE, `${root}/`);
}

/** Leads the paths in a shell's standard input into the private root, line by line; texts of files pass unchanged. */
export function scriptIntoRoot(place: PrivatePlace): Transform {
  let inText = false;

  function rewrite(line: string): string {
    if (inText) {
      inText = line !== TEXT_END;
      return line;
    }
    inText = TEXT_BEGIN.test(line);
    return intoRoot(line, place);
  }

  return textTransform((text, end) => {
    const lines = text.split('\n');
    const last = lines.pop() ?? '';
    const whole = lines.map((line) => `${rewrite(line)}\n`).join('');
    return end === 'more' ? [whole, last] : [whole + (last === '' ? '' : rewrite(last)), ''];
  });
}

/** Takes the private root off the paths in what a shell prints, so that they read as on a host of its own. */
export function outputFromRoot({ root }: PrivatePlace): Transform {
  return textTransform((text, end) => {
    const mapped = text.replaceAll(`${root}/`, '/');
    const kept = end === 'last' ? 0 : lengthOfStart(mapped, `${root}/`);
    return [mapped.slice(0, mapped.length - kept), mapped.slice(mapped.length - kept)];
  });
}

/** How much of the text's end may be the beginning of the word. */
function lengthOfStart(text: string, word: string): number {
  for (let length = Math.min(text.length, word.length - 1); length > 0; length -= 1) {
    if (text.endsWith(word.slice(0, length))) return length;
  }
  return 0;
}

/** A stream of bytes, each a character; `rewrite` gives what may go on and what it must see again with the next piece. */
function textTransform(
  rewrite: (text: string, end: 'more' | 'last') => readonly [done: string, rest: string],
): Transform {
  let rest = '';
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const [text, left] = rewrite(rest + chunk.toString('latin1'), 'more');
      rest = left;
      done(null, Buffer.from(text, 'latin1'));
    },
    flush(done) {
      const [text] = rewrite(rest, 'last');
      done(null, Buffer.from(text, 'latin1'));
    },
  });
}
