/**
 * A command, or several, as the text that LAVA's `base.jinja2` puts into YAML without quoting it:
 * `power_on: {{ power_on_command }}` (2023.01).
 */
export function yamlText(command: string | readonly string[]): string {
  if (typeof command !== 'string') return `[${command.map(quoted).join(', ')}]`;
  return isPlain(command) ? command : quoted(command);
}

/** JSON's strings are YAML's, as long as nothing unprintable is in them. */
function quoted(text: string): string {
  return JSON.stringify(text).replace(
    /[^ -~\u00a0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\u{10000}-\u{10ffff}]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** A text of which YAML takes every character as it is, and that it does not read as a number or a truth. */
function isPlain(text: string): boolean {
  return (
    /^[A-Za-z/][ -~]*$/.test(text) && !/: |:$| #| $/.test(text) && !/^[A-Za-z]{1,5}$/.test(text)
  );
}
