import { type Diagnostic, InvalidInput } from '../../contract/errors.ts';
import { type Place, placeWithin } from '../../values/places.ts';

/** A part of a text, by offsets. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

type Words = Pick<Diagnostic, 'code' | 'message' | 'hint'>;

/** Why an expression cannot be read or has no result; `span` is set as soon as it is known where. */
export class Refusal extends Error {
  readonly words: Words;
  span: Span | undefined;

  constructor(words: Words, span?: Span) {
    super(words.message);
    this.name = 'Refusal';
    this.words = words;
    this.span = span;
  }
}

/** What a value has to be and is not. */
export function wrongType(message: string, hint?: string): Refusal {
  return new Refusal({ code: 'wrong-type', message, hint });
}

/** What the language does not have, or is not allowed here. */
export function badTemplate(message: string, hint?: string): Refusal {
  return new Refusal({ code: 'bad-template', message, hint });
}

/** A text that expressions stand in, and how its parts are found in a file. */
export interface Source {
  readonly text: string;
  place(span: Span | undefined): Place | undefined;
}

/** The text of a value in a YAML file. */
export function valueSource(text: string, place: Place | undefined): Source {
  return {
    text,
    place(span) {
      if (!place || !span) return place;
      return placeWithin(place, text, {
        offset: span.start,
        length: Math.max(1, span.end - span.start),
      });
    },
  };
}

/** The text of a file of its own. */
export function fileSource(text: string, file: string): Source {
  return {
    text,
    place(span) {
      const { start, end } = span ?? { start: 0, end: 1 };
      const before = text.slice(0, start).split('\n');
      const line = text.split('\n')[before.length - 1] ?? '';
      const column = (before.at(-1)?.length ?? 0) + 1;
      const length = Math.max(1, Math.min(end - start, line.length - column + 1));
      return { file, line: before.length, column, length, text: line };
    },
  };
}

/** Does something; a refusal becomes InvalidInput with its place, any other error passes. */
export function placed<T>(source: Source, act: () => T, code?: 'bad-condition'): T {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const { words, span } = error;
    const own = code && words.code === 'bad-template' ? code : words.code;
    throw new InvalidInput([{ ...words, code: own, place: source.place(span) }]);
  }
}
