/** What one script may take, in seconds. */
export interface ScriptLimits {
  /** Without a sign of life. */
  readonly silence: number;
  /** From its begin to its end, whatever it prints. */
  readonly whole: number;
  /** The text that ends each of its answers, and how long one may take. */
  readonly answers?: { readonly end: string; readonly seconds: number } | undefined;
}

/** Which limit a script has passed. */
export type Breach =
  | { readonly limit: 'silence' | 'whole' | 'answer'; readonly seconds: number }
  | { readonly limit: 'output' | 'answer size'; readonly bytes: number };

/** Keeps a script within its limits as long as it is told what the host does. */
export interface ScriptWatch {
  /** The host has taken a piece of the script. */
  sent(): void;
  /** So many bytes have come, on either output. */
  received(bytes: number): void;
  /** What of it was the script's standard output. */
  printed(text: string): void;
  stop(): void;
}

const MEBIBYTE = 1024 * 1024;

/** More than any script of lava-play prints, and little enough for many hosts at once. */
export const MAX_OUTPUT = 64 * MEBIBYTE;

/** More than any file that a module has a whole text of. */
export const MAX_ANSWER = 8 * MEBIBYTE;

/** Watches one script; tells the first breach, and is silent after it. */
export function watchScript(limits: ScriptLimits, onBreach: (breach: Breach) => void): ScriptWatch {
  const { silence, whole, answers } = limits;
  const timers = [
    setTimeout(() => breach({ limit: 'silence', seconds: silence }), silence * 1000),
    setTimeout(() => breach({ limit: 'whole', seconds: whole }), whole * 1000),
  ] as const;
  const answerTimer =
    answers &&
    setTimeout(() => breach({ limit: 'answer', seconds: answers.seconds }), answers.seconds * 1000);
  let isOver = false;
  let total = 0;
  let answerLength = 0;
  let tail = '';

  function breach(what: Breach): void {
    if (isOver) return;
    stop();
    onBreach(what);
  }

  function stop(): void {
    isOver = true;
    for (const timer of [...timers, answerTimer]) clearTimeout(timer);
  }

  return {
    sent() {
      if (isOver) return;
      timers[0].refresh();
      answerTimer?.refresh();
    },
    received(bytes) {
      if (isOver) return;
      timers[0].refresh();
      total += bytes;
      if (total > MAX_OUTPUT) breach({ limit: 'output', bytes: MAX_OUTPUT });
    },
    printed(text) {
      if (isOver || !answers) return;
      const seen = tail + text;
      const last = seen.lastIndexOf(answers.end);
      if (last >= 0) {
        answerTimer?.refresh();
        answerLength = seen.length - last - answers.end.length;
      } else {
        answerLength += text.length;
      }
      tail = seen.slice(Math.max(0, seen.length - answers.end.length + 1));
      if (answerLength > MAX_ANSWER) breach({ limit: 'answer size', bytes: MAX_ANSWER });
    },
    stop,
  };
}
