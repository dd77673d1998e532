/** A unit's full name, as systemd completes it: `ser2net` is `ser2net.service`. */
export function unitName(name: string): string {
  return /\.(service|socket|device|mount|automount|swap|target|path|timer|slice|scope)$/.test(name)
    ? name
    : `${name}.service`;
}

/** A word, or a path without the `/` at its head, as a part of a unit's name (systemd.unit(5), string escaping). */
export function unitEscaped(word: string): string {
  return word
    .replace(/[^/\w:.]/g, (char) =>
      [...Buffer.from(char)].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join(''),
    )
    .replace(/^\./, '\\x2e')
    .replaceAll('/', '-');
}
