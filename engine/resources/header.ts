/** A file that is ours as a whole: what one made by hand in it is gone after the next apply. */
interface Written {
  /** Words before the rest: what the file is. */
  readonly about?: string;
  /** What it is made from: `the inventory`. */
  readonly from?: string;
  /** Whether it says what becomes of changes. */
  readonly changes?: 'are lost' | 'unsaid';
  /** How its language begins a comment. */
  readonly sign?: '#' | '{#';
}

/** A file that is known as ours by its header: `(MODULE)`, `as a copy of PATH`. */
interface Made {
  readonly made: string;
}

/** The comment at the head of a file of ours, without a line break. */
export function header(words: Written | Made = {}): string {
  if ('made' in words) return `# Made by lava-play ${words.made}.`;
  const { about, from, changes = 'are lost', sign = '#' } = words;
  const text = [
    ...(about === undefined ? [] : [`${about} `]),
    'Written by lava-play',
    ...(from === undefined ? [] : [` from ${from}`]),
    ...(changes === 'unsaid' ? ['.'] : ['; changes made here are lost.']),
  ].join('');
  return sign === '{#' ? `{# ${text} #}` : `# ${text}`;
}
