import { plural } from '../../engine/extend.ts';
import { type BoardStatus, stateOfBoard } from '../status/lab_status.ts';
import type { HostDrift } from './drift.ts';
import { type Html, html } from './html.ts';
import { sign } from './signs.ts';

/** What differs from the inventory, host by host. */
export function driftSection(drift: readonly HostDrift[] | undefined): Html {
  return html`<section aria-labelledby="drift-head"><h2 id="drift-head">Drift</h2>
${drift === undefined && html`<p class="empty">No plan was made.</p>`}
${drift?.length === 0 && html`<p class="empty">Every host is as the inventory says.</p>`}
${drift?.map(
  ({ host, changes, open, failure }) => html`<details class="drift" data-search><summary>${host}: ${
    failure ??
    `${plural(changes.length, 'change')}${open.length > 0 ? `, ${open.length} open` : ''}`
  }</summary>
${open.length > 0 && html`<ul>${open.map((line) => html`<li>${line}</li>`)}</ul>`}
${changes.map(({ resource, diff }) => html`<h3>${resource}</h3><pre>${diff}</pre>`)}
</details>
`,
)}</section>`;
}

/** All boards, a line each, folded away. */
export function boardTable(boards: readonly BoardStatus[]): Html {
  const cell = (text: string | number | undefined): Html => html`<td>${text ?? ''}</td>`;
  return html`<section aria-labelledby="boards-head"><h2 id="boards-head">All boards</h2>
<details><summary>${plural(boards.length, 'board')} as a table</summary>
<div class="scroll" tabindex="0" role="region" aria-label="Table of all boards"><table>
<thead><tr>${['Board', 'Worker', 'Type', 'State', 'Health', 'Job', 'Port', 'Client', 'Adapter', 'Serial'].map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
<tbody>
${boards.map((board) => {
  const { name, worker, type, status, device, console: line, adapter } = board;
  return html`<tr class="${status}" data-search><th scope="row">${sign(status)}${name}</th>${[
    cell(worker),
    cell(type),
    cell(stateOfBoard(board)),
    cell(device?.details?.health),
    cell(device?.details?.job),
    cell(line?.details?.port),
    cell(line?.details?.client),
    cell(adapter?.state),
    cell(adapter?.details?.serial),
  ]}</tr>\n`;
})}</tbody></table></div></details></section>`;
}
