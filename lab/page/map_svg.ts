import type { Status } from '../status/lab_status.ts';
import { type Html, html } from './html.ts';
import { type LabMap, type Link, MARK, type Mark, type Node } from './map.ts';

/** The map of a lab as a drawing whose boxes lead to what the page says of them. */
export function mapSvg({ width, height, nodes, links }: LabMap): Html {
  return html`<svg viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="group" aria-labelledby="map-title map-text">
<title id="map-title">Map of the lab</title>
<desc id="map-text">${nodes.length} machines; each box links to its part of this page</desc>
${links.map(linkSvg)}
${nodes.map(nodeSvg)}
</svg>`;
}

/** Many ways share their first part, so only the last tells how a way is. */
function linkSvg({ points, status, what }: Link): Html {
  const last = points.slice(-2);
  const end = last[1];
  return html`<g class="link ${status}"><title>${what}</title><path class="way" d="${path(points)}"/><path d="${path(last)}"/>${
    end &&
    status === 'bad' &&
    html`<path class="cross" d="M${end[0] - 16} ${end[1] - 5}l10 10m0-10l-10 10"/>`
  }</g>
`;
}

function path(points: Link['points']): string {
  return points.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${x} ${y}`).join('');
}

function nodeSvg({ x, y, width, height, name, note, role, status, rows }: Node): Html {
  return html`<a href="#host-${name}" class="node ${role} ${status}" data-search="${name}"><title>${name}: ${note}</title>
<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="6"/>
<path class="edge" d="M${x + 1.5} ${y + 6}v${height - 12}"/>
${shape(status, x + 16, y + 12)}<text x="${x + 38}" y="${y + 20}" class="name">${cut(name, 23)}</text>
<text x="${x + 38}" y="${y + 36}" class="note">${cut(note, 27)}</text>
${rows.map((row) => [
  row.label !== '' && html`<text x="${row.x}" y="${row.y}" class="note">${row.label}</text>\n`,
  ...row.marks.map(markSvg),
])}</a>
`;
}

function markSvg({ name, state, status, x, y }: Mark): Html {
  return html`<g class="mark ${status}"><title>${name}: ${state}</title>${shape(status, x, y)}</g>\n`;
}

/** A state as a shape, so that it is told without colours too. */
function shape(status: Status, x: number, y: number): Html {
  const half = MARK / 2;
  switch (status) {
    case 'good':
      return html`<circle class="fill" cx="${x + half}" cy="${y + half}" r="${half - 1}"/>`;
    case 'warning':
      return html`<path class="fill" d="M${x + half} ${y + 1}L${x + MARK} ${y + MARK - 1}H${x}Z"/>`;
    case 'bad':
      return html`<path class="stroke" d="M${x + 2} ${y + 2}l${MARK - 4} ${MARK - 4}m0 ${4 - MARK}l${4 - MARK} ${MARK - 4}"/>`;
    case 'off':
      return html`<circle class="ring" cx="${x + half}" cy="${y + half}" r="${half - 2}"/>`;
    case 'unknown':
      return html`<path class="ring" d="M${x + half} ${y + 1}l${half - 1} ${half - 1}l${1 - half} ${half - 1}l${1 - half} ${1 - half}Z"/>`;
  }
}

function cut(text: string, room: number): string {
  return text.length > room ? `${text.slice(0, room - 1)}…` : text;
}
