import type { Diagnostic } from '../../contract/errors.ts';
import type { Place } from '../../values/places.ts';

/** What the YAML parser found, still in its own words. */
interface SyntaxError {
  readonly code: string;
  readonly message: string;
  readonly place: Place;
  readonly lines: readonly string[];
}

/** To YAML `{{ name }}` is a map inside a map. */
export const UNQUOTED_TEMPLATE = {
  message: 'a value that begins with {{ must be quoted',
  hint: 'for example: key: "{{ name }}"',
} as const;

/** Says what the parser found in the words of someone who writes inventories. */
export function explainSyntaxError(error: SyntaxError): Diagnostic {
  const { place } = error;
  const [message, hint] = wordsFor(error);
  return { code: 'yaml-syntax', message, place: openedAt(error) ?? place, hint };
}

function wordsFor({ code, message, place }: SyntaxError): readonly [string, string?] {
  if (/[:-]\s+\{\{/.test(place.text)) {
    return [UNQUOTED_TEMPLATE.message, UNQUOTED_TEMPLATE.hint];
  }
  if (code === 'TAB_AS_INDENT' || /^\s*\t/.test(place.text)) {
    return ['a tab cannot indent YAML', 'indent with spaces'];
  }
  if (/^Missing closing ['"]/.test(message)) return ['this quote is never closed'];
  if (code === 'MULTIPLE_DOCS') {
    return ["a second document begins here ('---')", 'put everything in one document'];
  }
  if (/end with an? [}\]]/.test(message)) {
    const bracket = message.at(-1) ?? '}';
    return [`a closing ${bracket} is missing`];
  }
  if (/Missing , (or : )?between/.test(message)) return ['a comma is missing between two items'];
  if (/Missing space after/.test(message)) return ['a space is missing after the colon'];
  if (/Implicit map keys need/.test(message)) {
    return ["this line is not 'key: value'", 'is the colon missing, or the space after it?'];
  }
  if (code === 'BAD_SCALAR_START') {
    return [`a value cannot begin with ${message.at(-1) ?? 'this'} unless it is quoted`];
  }
  if (/compact mappings/.test(message) && !/:\s/.test(place.text.slice(place.column))) {
    const hint = 'align the next line with this key, or remove the value';
    return ['this key has a value already, yet more is indented below it', hint];
  }
  if (/compact mappings/.test(message)) {
    return [
      "there is a second 'key: ' on this line",
      'quote a value that contains a colon and a space',
    ];
  }
  if (code === 'MULTILINE_IMPLICIT_KEY' || code === 'KEY_OVER_1024_CHARS') {
    return ['a key must fit on one line', 'is a colon missing on this line or the one before?'];
  }
  if (code === 'BAD_INDENT' || /same column|sufficiently indented/.test(message)) {
    return [
      'this line is not indented like its neighbours',
      'align it with the lines it belongs to',
    ];
  }
  if (code === 'BAD_DQ_ESCAPE') {
    return ['a backslash inside double quotes begins an escape', "use single quotes: '...'"];
  }
  if (/without - indicator/.test(message)) return ["an item of a list must begin with '- '"];
  if (/Comments must be separated/.test(message)) {
    return ["a comment needs a space before its '#'", "quote the value if the '#' belongs to it"];
  }
  if (code === 'BLOCK_IN_FLOW') return ['inside { } and [ ] only { } and [ ] may be used'];
  if (code === 'BAD_ALIAS') return ["'*' and '&' begin an alias or anchor", 'quote the value'];
  if (code === 'RESOURCE_EXHAUSTION') return ['this is nested too deeply to be read'];
  if (code === 'UNEXPECTED_TOKEN') {
    return ['this does not belong here', 'check the quotes and the indentation just before it'];
  }
  return [message[0] ? message[0].toLowerCase() + message.slice(1) : 'this is not valid YAML'];
}

/** A quote that is never closed is noticed at the end of the file; the place that helps is where it opens. */
function openedAt({ message, place, lines }: SyntaxError): Place | undefined {
  const quote = /^Missing closing (['"])/.exec(message)?.[1];
  if (!quote) return undefined;
  for (let line = place.line; line >= 1; line -= 1) {
    const text = lines[line - 1] ?? '';
    const opening = text.search(new RegExp(`(?<=^\\s*|[:\\-,[{]\\s*)${quote}`));
    const closed = opening >= 0 && text.indexOf(quote, opening + 1) >= 0;
    if (opening < 0 || closed) continue;
    return { ...place, line, column: opening + 1, length: text.length - opening, text };
  }
  return undefined;
}
