import { Refusal } from './refusal.ts';
import { type Backslashes, type Token, tokenize } from './tokens.ts';

/** Words that are no names. */
const KEYWORDS: ReadonlySet<string> = new Set(['and', 'or', 'not', 'in', 'is', 'if', 'else']);

/** The words of an expression or tag, taken one after another. */
export interface Cursor {
  /** The next word, or one `offset` further; -1 is the last one taken. */
  peek(offset?: number): Token;
  take(): Token;
  isNext(word: string): boolean;
  /** Takes the next word if it is this sign or name. */
  takes(word: string): boolean;
  expect(word: string): Token;
  name(): Token;
  unexpected(token: Token, wanted: string): Refusal;
}

/** True for a name, false for a word of the language. */
export function isName({ kind, text }: Token): boolean {
  return kind === 'name' && !KEYWORDS.has(text);
}

/** The words between two offsets of a text. */
export function cursorOver(
  text: string,
  from?: number,
  to?: number,
  backslashes?: Backslashes,
): Cursor {
  const tokens = tokenize(text, from, to, backslashes);
  const end: Token = tokens.at(-1) ?? { kind: 'end', text: '', start: 0, end: 0 };
  let position = 0;

  const peek = (offset = 0): Token => tokens[position + offset] ?? end;
  function take(): Token {
    const token = peek();
    position += 1;
    return token;
  }
  function isNext(word: string): boolean {
    const { kind, text: found } = peek();
    return (kind === 'sign' || kind === 'name') && found === word;
  }
  function takes(word: string): boolean {
    if (!isNext(word)) return false;
    position += 1;
    return true;
  }
  function expect(word: string): Token {
    if (!isNext(word)) throw unexpected(peek(), `'${word}'`);
    return take();
  }
  function name(): Token {
    const token = take();
    if (!isName(token)) throw unexpected(token, 'a name');
    return token;
  }
  function unexpected(token: Token, wanted: string): Refusal {
    const span = { start: token.start, end: token.end };
    if (token.kind === 'sign' && token.text === '=') {
      const message = "a single '=' is not a comparison";
      return new Refusal({ code: 'bad-template', message, hint: "write '=='" }, span);
    }
    const found = token.kind === 'end' ? 'the expression ends here' : `unexpected '${token.text}'`;
    return new Refusal({ code: 'bad-template', message: `${found}: expected ${wanted}` }, span);
  }

  return { peek, take, isNext, takes, expect, name, unexpected };
}
