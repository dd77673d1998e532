import { noteSource, type Place } from '../../values/places.ts';

/** Gives the place of what stands between two offsets of a text; `linePos` finds the 1-based line and column of one. */
export function placesIn(
  text: string,
  file: string,
  linePos: (offset: number) => { readonly line: number; readonly col: number },
): (start: number, end: number) => Place {
  const lines = text.split(/\r?\n/);
  return (start, end) => {
    const { line, col } = linePos(Math.min(start, text.length));
    const content = lines[line - 1] ?? '';
    const rest = content.trimEnd().length - col + 1;
    const length = Math.max(1, Math.min(end - start, rest));
    const place = {
      file,
      line: Math.max(1, line),
      column: Math.max(1, col),
      length,
      text: content,
    };
    noteSource(place, lines);
    return place;
  };
}
