/** Quotes one word for a POSIX shell. */
export function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** A shell command with every interpolated value quoted: sh`chmod ${mode} ${path}`. An array becomes several words. */
export function sh(
  parts: TemplateStringsArray,
  ...values: readonly (string | number | readonly string[])[]
): string {
  const words = values.map((value) =>
    Array.isArray(value) ? value.map(quote).join(' ') : quote(String(value)),
  );
  return String.raw({ raw: parts }, ...words);
}

/**
 * Shell that prints a text of any content, for a pipe: `${printText(text)} | psql`.
 *
 * The text travels in base64 inside a here-document, so it is never an argument that `ps` could show.
 */
export function printText(text: string | Uint8Array): string {
  const body = Buffer.from(text)
    .toString('base64')
    .replace(/.{1,76}/g, '$&\n');
  return `base64 -d <<'LAVA_PLAY_TEXT'\n${body}LAVA_PLAY_TEXT\n`;
}

/**
 * Shell that runs a script written elsewhere, in a subshell of its own.
 *
 * A syntax error, an `exit` or a stray quote stays inside; the text is not an argument of any process.
 */
export function isolated(script: string): string {
  return sh`( eval ${script} )`;
}
