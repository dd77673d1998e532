import { redacted } from '../script/redact.ts';

/**
 * What a terminal or a browser obeys and does not show: controls (C0 without tab and end of line, DEL, C1), marks that turn
 * the direction of text (UAX 9), other ends of lines, and characters without a width.
 */
const UNSEEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u2064\u2066-\u206f\ufeff]|[\u{e0000}-\u{e007f}]/gu;

/** A text that a terminal shows as it is: whatever it would obey stands there as it is written in JavaScript, `\x1b`. */
export function visible(text: string): string {
  return text.replace(UNSEEN, (character) => {
    if (character === '\r') return '\\r';
    const code = character.codePointAt(0) ?? 0;
    const digits = code.toString(16);
    if (code < 0x100) return `\\x${digits.padStart(2, '0')}`;
    return code < 0x10000 ? `\\u${digits.padStart(4, '0')}` : `\\u{${digits}}`;
  });
}

/** A value of the same shape with every text in it visible: what came from hosts, files and inventories, before it is drawn. */
export function visibly<T>(value: T): T {
  return redacted(value, visible);
}

/** JSON that may be printed: what a terminal would obey is escaped, and reads back as it was. */
export function visibleJson(value: unknown, indent = 0): string {
  return JSON.stringify(value, null, indent).replace(UNSEEN, (character) =>
    character
      .split('')
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join(''),
  );
}
