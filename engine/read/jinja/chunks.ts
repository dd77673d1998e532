import { Refusal, type Span } from './refusal.ts';

/** A piece of a template: text, `{{ … }}` or `{% … %}`; comments are gone. */
export type Chunk =
  | ({ readonly kind: 'text'; readonly text: string } & Span)
  | ({ readonly kind: 'output' | 'tag'; readonly from: number; readonly to: number } & Span);

/** What happens to white space beside blocks. */
export interface Trimming {
  /** The newline after a block goes. */
  readonly trimBlocks: boolean;
  /** White space between the start of a line and a block goes. */
  readonly lstripBlocks: boolean;
}

const RAW = /\{%([-+]?)\s*raw\s*([-+]?)%\}([\s\S]*?)\{%([-+]?)\s*endraw\s*([-+]?)%\}/y;

/** Cuts a template into its pieces, white space trimmed as Jinja does. */
export function chunksOf(text: string, trimming: Trimming): readonly Chunk[] {
  const chunks: Chunk[] = [];
  let at = 0;
  let strip: 'all' | 'newline' | 'none' = 'none';

  function addText(
    from: number,
    to: number,
    next: { readonly sign: string; readonly isBlock: boolean },
  ): void {
    let start = from;
    let end = to;
    if (strip === 'all') while (start < end && /\s/.test(text.charAt(start))) start += 1;
    else if (strip === 'newline' && text.charAt(start) === '\n' && start < end) start += 1;
    if (next.sign === '-') while (end > start && /\s/.test(text.charAt(end - 1))) end -= 1;
    else if (next.isBlock && trimming.lstripBlocks && next.sign !== '+') {
      const line = /(?:^|\n)([ \t]*)$/.exec(text.slice(0, end));
      const indent = line?.[1]?.length ?? 0;
      end = Math.max(start, end - indent);
    }
    if (start < end) chunks.push({ kind: 'text', text: text.slice(start, end), start, end });
  }
  function after(sign: string | undefined, isBlock: boolean): typeof strip {
    if (sign === '-') return 'all';
    return isBlock && trimming.trimBlocks && sign !== '+' ? 'newline' : 'none';
  }

  while (at < text.length) {
    const open = nextOpening(text, at);
    if (open < 0) break;
    const kind = text.charAt(open + 1);
    const sign = /^[-+]/.exec(text.slice(open + 2))?.[0] ?? '';
    addText(at, open, { sign, isBlock: kind !== '{' });
    RAW.lastIndex = open;
    const raw = kind === '%' ? RAW.exec(text) : null;
    if (raw) {
      const [whole, , afterOpen, inner = '', beforeClose = '', afterClose] = raw;
      strip = after(afterOpen, true);
      const from = open + whole.indexOf(inner, whole.indexOf('%}') + 2);
      addText(from, from + inner.length, { sign: beforeClose, isBlock: true });
      strip = after(afterClose, true);
      at = open + whole.length;
      continue;
    }
    const close = closingOf(text, open, kind);
    const span = { start: open, end: close.end };
    if (kind !== '#') {
      const from = open + 2 + sign.length;
      chunks.push({ kind: kind === '%' ? 'tag' : 'output', from, to: close.start, ...span });
    }
    strip = after(close.sign, kind !== '{');
    at = close.end;
  }
  addText(at, text.length, { sign: '', isBlock: false });
  return chunks;
}

/** Where the next `{{`, `{%` or `{#` stands; -1: nowhere. */
function nextOpening(text: string, from: number): number {
  const found = text.slice(from).search(/\{[{%#]/);
  return found < 0 ? -1 : from + found;
}

/** Where a tag ends; its closing braces inside quotes or maps do not count. */
function closingOf(
  text: string,
  open: number,
  kind: string,
): { readonly start: number; readonly end: number; readonly sign: string } {
  if (kind === '#') {
    const at = text.indexOf('#}', open + 2);
    if (at < 0) throw neverClosed(open, '{#', '#}');
    const sign = /[-+]/.test(text.charAt(at - 1)) && at - 1 > open + 1 ? text.charAt(at - 1) : '';
    return { start: at, end: at + 2, sign };
  }
  const close = kind === '{' ? '}}' : '%}';
  const word =
    /"(?:[^"\\]|\\[\s\S])*"|'(?:[^'\\]|\\[\s\S])*'|[-+]?(?:\}\}|%\})|[{}]|[^"'{}%+-]+|[\s\S]/y;
  word.lastIndex = open + 2;
  let depth = 0;
  for (let match = word.exec(text); match; match = word.exec(text)) {
    const [found] = match;
    if (depth === 0 && found.endsWith(close)) {
      return { start: match.index, end: word.lastIndex, sign: found.slice(0, -2) };
    }
    if (found.endsWith('}}')) {
      depth -= 1;
      word.lastIndex -= 1;
    } else if (found === '{') depth += 1;
    else if (found === '}') depth = Math.max(0, depth - 1);
  }
  throw neverClosed(open, kind === '{' ? '{{' : '{%', close);
}

function neverClosed(start: number, opening: string, closing: string): Refusal {
  const message = `'${opening}' is never closed by '${closing}'`;
  return new Refusal({ code: 'bad-template', message }, { start, end: start + 2 });
}
