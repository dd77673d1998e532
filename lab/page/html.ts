/** Text that is HTML already. */
export interface Html {
  readonly html: string;
}

type Piece = string | number | Html | undefined | false | readonly Piece[];

/** HTML with everything in it that is not HTML already made harmless, in elements and in quoted attributes. */
export function html(parts: TemplateStringsArray, ...pieces: readonly Piece[]): Html {
  const text = parts.reduce((sum, part, i) => sum + part + render(pieces[i]), '');
  return { html: text };
}

/** Takes a text of our own as HTML: a style sheet, a script. */
export function trusted(text: string): Html {
  return { html: text };
}

function render(piece: Piece): string {
  if (piece === undefined || piece === false) return '';
  if (Array.isArray(piece)) return piece.map(render).join('');
  if (typeof piece === 'object' && 'html' in piece) return piece.html;
  return String(piece).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
