/** What a chunk of output meant for the script that is running. */
interface FrameRead {
  /** Output of the script that is certain not to be part of the end mark. */
  readonly text: string;
  readonly done: boolean;
}

/** Follows the output of one script between its begin and end marks. */
export interface FrameReader {
  read(chunk: string): FrameRead;
  /** The shell's process id, once the script has begun. */
  pid(): number | undefined;
}

const longestNoise = 4096;

/**
 * Makes a reader for one script's output.
 *
 * What stands before the begin mark is noise of login shells, or comes late from the script before.
 */
export function frameReader(mark: string): FrameReader {
  const begin = new RegExp(`${mark} begin (\\d+)\\n`);
  const end = `${mark} end\n`;
  let rest = '';
  let shellPid: number | undefined;

  function read(chunk: string): FrameRead {
    rest += chunk;
    if (shellPid === undefined) {
      const match = begin.exec(rest);
      if (!match) {
        rest = rest.slice(-longestNoise);
        return { text: '', done: false };
      }
      shellPid = Number(match[1]);
      rest = rest.slice(match.index + match[0].length);
    }
    const endsAt = rest.indexOf(end);
    if (endsAt >= 0) return { text: rest.slice(0, endsAt), done: true };
    const text = rest.slice(0, rest.length - startOfMark(rest, end));
    rest = rest.slice(text.length);
    return { text, done: false };
  }

  return { read, pid: () => shellPid };
}

/**
 * Shell that runs a script between its two marks.
 *
 * It is one command, so that the shell has read all of it before the script begins. What arrives on the
 * shell's standard input meanwhile is on descriptor 9 of a script that `listens`; what nobody reads there, the shell
 * takes for commands once the script is done.
 */
export function frameScript(script: string, mark: string, input: 'listens' | 'deaf'): string {
  const redirect = input === 'listens' ? '9<&0 </dev/null' : '</dev/null';
  return `{ printf '%s begin %s\\n' '${mark}' $$
lp_parsed=no
{ eval "{ lp_parsed=yes
$(cat <<'${mark}'
${script}
${mark}
)
}"; } ${redirect}
[ $lp_parsed = yes ] || exit 2
printf '%s end\\n' '${mark}'; }
`;
}

function startOfMark(text: string, mark: string): number {
  for (let length = Math.min(text.length, mark.length - 1); length > 0; length -= 1)
    if (text.endsWith(mark.slice(0, length))) return length;
  return 0;
}
