import { expect, test } from 'vitest';
import { html, trusted } from '../../../lab/page/html.ts';

test('no text gets out of the element or the attribute that it stands in', () => {
  const evil = `"'><script>&`;
  const { html: text } = html`<p title="${evil}" id='${evil}'>${evil}</p>`;
  const safe = '&#34;&#39;&#62;&#60;script&#62;&#38;';
  expect(text).toBe(`<p title="${safe}" id='${safe}'>${safe}</p>`);
});

test('what is HTML already stays, in lists too, and nothing is nothing', () => {
  const rows = ['<a>', 2].map((each) => html`<td>${each}</td>`);
  expect(html`<tr>${rows}${undefined}${false}${trusted('<hr>')}</tr>`.html).toBe(
    '<tr><td>&#60;a&#62;</td><td>2</td><hr></tr>',
  );
});
