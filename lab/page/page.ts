import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type HostFinding, packageRoot } from '../../engine/extend.ts';
import type { BoardStatus, LabStatus, Status } from '../status/lab_status.ts';
import { services, workers } from './cards.ts';
import type { HostDrift } from './drift.ts';
import { findings } from './findings.ts';
import { type Html, html, trusted } from './html.ts';
import { labMap } from './map.ts';
import { mapSvg } from './map_svg.ts';
import { legend } from './signs.ts';
import { boardTable, driftSection } from './tables.ts';

/** What the page shows. */
export interface PageContent {
  readonly status: LabStatus;
  /** Nothing when nobody has planned. */
  readonly drift: readonly HostDrift[] | undefined;
  /** Seconds after which a browser reads the page again. */
  readonly refresh: number | undefined;
}

/** One page that needs nothing else: no network, no other file; everything in it that came from a host is text. */
export function labPage({ status, drift, refresh }: PageContent): string {
  const boards = status.workers.flatMap((worker) => worker.boards);
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:">
${refresh !== undefined && html`<meta http-equiv="refresh" content="${refresh}">\n`}<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>${titleOf(status)}</title>
<style>${asset('style.css')}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header>
<h1>${labName(status.inventory)}</h1>
<p class="when">checked <time datetime="${status.time}">${utc(status.time)}</time></p>
<div class="tools">
<label for="search">Search</label><input id="search" type="search" placeholder="board, serial, port …" autocomplete="off">
<button id="theme" type="button">Dark or light</button>
</div>
<p id="found" aria-live="polite"></p>
</header>
<main id="main">
${summary(status, boards, drift)}
<div class="columns">
${findings(status.findings)}
<div>
<section aria-labelledby="map-head" class="map"><h2 id="map-head">Map</h2>
<div class="scroll" tabindex="0" role="region" aria-label="Map of the lab">${mapSvg(labMap(status))}</div>
${legend()}</section>
${services(status)}
${workers(status.workers)}
${driftSection(drift)}
${boardTable(boards)}
</div>
</div>
</main>
<footer><p>Made by lava-play in ${status.seconds.toFixed(1)} s from ${status.inventory}. It shows the lab as it was then.</p></footer>
<script>${asset('browser.js')}</script>
</body>
</html>
`;
  return page.html;
}

function asset(name: string): Html {
  return trusted(readFileSync(join(packageRoot(), 'lab/page', name), 'utf8'));
}

function titleOf({ inventory, findings: told }: LabStatus): string {
  const problems = told.filter(({ severity }) => severity === 'problem').length;
  return `${problems === 0 ? '' : `(${problems}) `}${labName(inventory)}`;
}

/** `kernel-lab` of `/srv/labs/kernel-lab.yaml`; a file called inventory takes the name of its folder. */
function labName(file: string): string {
  const [name = '', folder = ''] = file.split('/').toReversed();
  const stem = name.replace(/\.ya?ml$/, '');
  return stem === 'inventory' && folder !== '' && folder !== '.' ? folder : stem;
}

function utc(time: string): string {
  return `${time.slice(0, 16).replace('T', ' ')} UTC`;
}

function summary(
  { hosts, findings: told }: LabStatus,
  boards: readonly BoardStatus[],
  drift: readonly HostDrift[] | undefined,
): Html {
  const ill = (items: readonly { readonly status: Status }[]): number =>
    items.filter(({ status }) => status === 'bad').length;
  const count = (severity: HostFinding['severity']): number =>
    told.filter((finding) => finding.severity === severity).length;
  const changes = drift?.reduce((sum, each) => sum + each.changes.length, 0);
  const tiles: readonly (readonly [string, number | string, string, Status])[] = [
    ['Problems', count('problem'), '', count('problem') > 0 ? 'bad' : 'good'],
    ['Warnings', count('warning'), '', count('warning') > 0 ? 'warning' : 'good'],
    [
      'Hosts',
      hosts.length,
      ill(hosts) > 0 ? `${ill(hosts)} in trouble` : 'all well',
      ill(hosts) > 0 ? 'bad' : 'good',
    ],
    [
      'Boards',
      boards.length,
      ill(boards) > 0 ? `${ill(boards)} in trouble` : 'all well',
      ill(boards) > 0 ? 'bad' : 'good',
    ],
    [
      'Drift',
      changes ?? '–',
      changes === undefined ? 'not checked' : changes === 0 ? 'as in the inventory' : 'to apply',
      changes === undefined ? 'unknown' : changes === 0 ? 'good' : 'warning',
    ],
  ];
  return html`<section class="summary" aria-label="Summary"><ul>
${tiles.map(
  ([name, value, note, status]) =>
    html`<li class="${status}"><span class="value">${value}</span> <span class="label">${name}</span>${note !== '' && html` <span class="note">${note}</span>`}</li>\n`,
)}</ul></section>`;
}
