import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HostFinding, Thing } from '../../health/finding.ts';
import {
  type BoardStatus,
  type HostStatus,
  type LabStatus,
  type Tone,
  WORST_FIRST,
  type WorkerStatus,
} from '../../health/lab_status.ts';
import { packageRoot } from '../../package_root.ts';
import { plural } from '../text.ts';
import type { HostDrift } from './drift.ts';
import { type Html, html, trusted } from './html.ts';
import { labMap } from './map.ts';
import { mapSvg } from './map_svg.ts';

/** What the page shows. */
export interface PageContent {
  readonly status: LabStatus;
  /** Nothing when nobody has planned. */
  readonly drift: readonly HostDrift[] | undefined;
  /** Seconds after which a browser reads the page again. */
  readonly refresh: number | undefined;
}

/** What a state is called and how it is drawn, for people who see it and for those who hear it. */
const SIGNS: Readonly<Record<Tone, readonly [sign: string, word: string]>> = {
  good: ['●', 'well'],
  warning: ['▲', 'warning'],
  bad: ['✖', 'problem'],
  off: ['○', 'out of use'],
  unknown: ['◇', 'not known'],
};

/** Findings that are shown before one asks for more. */
const SHOWN = 9;

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
<a class="skip" href="#main">To the content</a>
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
<div class="overview">
${findings(status.findings)}
<section aria-labelledby="map-head" class="map"><h2 id="map-head">Map</h2>
<div class="scroll" tabindex="0" role="region" aria-label="Map of the lab">${mapSvg(labMap(status))}</div>
${legend()}</section>
</div>
${services(status)}
${workers(status.workers)}
${driftSection(drift)}
${boardTable(boards)}
</main>
<footer><p>Made by lava-play in ${status.seconds.toFixed(1)} s from ${status.inventory}. It shows the lab as it was then.</p></footer>
<script>${asset('browser.js')}</script>
</body>
</html>
`;
  return page.html;
}

function asset(name: string): Html {
  return trusted(readFileSync(join(packageRoot(), 'engine/report/page', name), 'utf8'));
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
  const ill = (items: readonly { readonly tone: Tone }[]): number =>
    items.filter(({ tone }) => tone === 'bad').length;
  const count = (severity: HostFinding['severity']): number =>
    told.filter((finding) => finding.severity === severity).length;
  const changes = drift?.reduce((sum, each) => sum + each.changes.length, 0);
  const tiles: readonly (readonly [string, number | string, string, Tone])[] = [
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
      changes === undefined
        ? 'not looked at'
        : changes === 0
          ? 'as the inventory says'
          : 'to apply',
      changes === undefined ? 'unknown' : changes === 0 ? 'good' : 'warning',
    ],
  ];
  return html`<section class="summary" aria-label="Summary"><ul>
${tiles.map(
  ([name, value, note, tone]) =>
    html`<li class="${tone}"><span class="value">${value}</span> <span class="label">${name}</span>${note !== '' && html` <span class="note">${note}</span>`}</li>\n`,
)}</ul></section>`;
}

function findings(told: readonly HostFinding[]): Html {
  return html`<section aria-labelledby="findings-head"><h2 id="findings-head">What is wrong</h2>
${told.length === 0 && html`<p class="empty">Nothing was found.</p>`}
<ul class="findings">
${told.slice(0, SHOWN).map(findingItem)}</ul>
${told.length > SHOWN && html`<details><summary>${told.length - SHOWN} more</summary><ul class="findings">${told.slice(SHOWN).map(findingItem)}</ul></details>`}
</section>`;
}

function findingItem({ host, severity, what, evidence, fix, check, alsoSeen }: HostFinding): Html {
  return html`<li class="finding ${severity}" data-search>
<h3><span class="badge">${severity}</span> <a href="#host-${host}">${host}</a> ${what}</h3>
<pre>${evidence}</pre>
<p class="fix">${fix}</p>
${alsoSeen.length > 0 && html`<details><summary>felt by ${hostsIn(alsoSeen)}</summary><ul>${alsoSeen.map((seen) => html`<li>${seen.host}: ${seen.evidence}</li>`)}</ul></details>`}
<p class="check">${check}</p>
</li>
`;
}

/** `worker01, worker02 and 7 more`. */
function hostsIn(seen: HostFinding['alsoSeen']): string {
  const names = [...new Set(seen.map(({ host }) => host))];
  const more = names.length - 3;
  return `${names.slice(0, 3).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function legend(): Html {
  return html`<p class="legend">${Object.entries(SIGNS).map(
    ([tone, [symbol, word]]) =>
      html`<span class="${tone}"><span class="sign" aria-hidden="true">${symbol}</span>${word}</span> `,
  )}<span class="busy">${busySign}at work</span></p>`;
}

function services({ hosts, services: things }: LabStatus): Html {
  const others = hosts.filter(({ groups }) => !groups.includes('workers'));
  return html`<section aria-labelledby="servers-head"><h2 id="servers-head">Servers</h2>
<ul class="cards">
${others.map(
  (host) => html`<li class="card ${host.tone}" id="host-${host.name}" data-search>
${cardHead(host, host.groups.join(', '))}
${facts(
  things
    .filter((thing) => thing.host === host.name)
    .map((thing) => [thing.kind, thingInWords(thing), thing.tone]),
)}</li>
`,
)}</ul></section>`;
}

function workers(all: readonly WorkerStatus[]): Html {
  const sorted = all.toSorted((a, b) => WORST_FIRST.indexOf(a.tone) - WORST_FIRST.indexOf(b.tone));
  return html`<section aria-labelledby="workers-head"><h2 id="workers-head">Workers</h2>
${all.length === 0 && html`<p class="empty">This lab has no workers.</p>`}
<ul class="cards">
${sorted.map(workerCard)}</ul></section>`;
}

function workerCard(worker: WorkerStatus): Html {
  const { agent, mounts, tunnels, hubs, boards } = worker;
  const master = worker.worker;
  return html`<li class="card ${worker.tone}" id="host-${worker.name}" data-search>
${cardHead(worker, master ? `${master.state}, ${master.details?.health ?? ''}` : worker.state)}
${facts([
  ...(master ? masterFacts(master) : []),
  ...(agent ? [['agent', agent.state, agent.tone] as const] : []),
  ...mounts.map((mount) => ['share', mount.state, mount.tone] as const),
  ...tunnels.map(
    (tunnel) => ['tunnel', `${tunnel.state}, to ${tunnel.details?.to ?? ''}`, tunnel.tone] as const,
  ),
  ...hubs
    .filter(({ tone }) => tone !== 'good')
    .map((hub) => [`hub ${hub.name}`, hub.state, hub.tone] as const),
])}
<ul class="boards" aria-label="Boards of ${worker.name}">
${boards.toSorted((a, b) => WORST_FIRST.indexOf(a.tone) - WORST_FIRST.indexOf(b.tone)).map(boardTile)}</ul>
</li>
`;
}

function masterFacts({ details = {} }: Thing): readonly Fact[] {
  const { version, 'last ping': ping, 'running jobs': jobs } = details;
  return [
    ...(version === undefined ? [] : [['version', String(version)] as const]),
    ...(ping === undefined ? [] : [['last ping', `${ping} s before`] as const]),
    ...(jobs === undefined ? [] : [['jobs', String(jobs)] as const]),
  ];
}

type Fact = readonly [name: string, value: string, tone?: Tone];

function facts(list: readonly Fact[]): Html | undefined {
  if (list.length === 0) return undefined;
  return html`<dl>${list.map(
    ([name, value, tone = 'good']) =>
      html`<div class="${tone}"><dt>${name}</dt><dd>${tone !== 'good' && sign(tone)}${value}</dd></div>`,
  )}</dl>`;
}

function cardHead({ name, address, tone }: HostStatus, note: string): Html {
  return html`<h3>${sign(tone)}${name}</h3><p class="note">${note} <span class="address">${address}</span></p>`;
}

function boardTile({ name, tone, device, console: line, adapter }: BoardStatus): Html {
  const health = String(device?.details?.health ?? '');
  const troubles = [
    device && (device.tone === 'bad' || device.tone === 'off') && (health || device.state),
    line?.tone === 'bad' && `console ${line.state}`,
    adapter?.tone === 'bad' && `adapter ${adapter.state}`,
  ].filter((word) => word !== undefined && word !== false);
  const state = device?.state ?? '';
  const isBusy = tone === 'good' && state !== 'Idle' && state !== '';
  const more = [line?.details?.port, adapter?.details?.serial].filter(
    (value) => value !== undefined,
  );
  return html`<li class="${tone}${isBusy && ' busy'}">${isBusy ? busySign : sign(tone)}<span class="board">${name}</span> <span class="${troubles.length > 0 ? 'state' : 'hidden'}">${troubles.join(', ') || state}</span> <span class="more">${more.join(' ')}</span></li>\n`;
}

const busySign = html`<span class="sign" aria-hidden="true">▶</span>`;

function thingInWords({ state, details = {} }: Thing): string {
  return [state, ...Object.entries(details).map(([key, value]) => `${key} ${value}`)].join(', ');
}

function sign(tone: Tone): Html {
  const [symbol, word] = SIGNS[tone];
  return html`<span class="sign" aria-hidden="true">${symbol}</span><span class="hidden">${word}: </span>`;
}

function driftSection(drift: readonly HostDrift[] | undefined): Html {
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

function boardTable(boards: readonly BoardStatus[]): Html {
  const cell = (text: string | number | undefined): Html => html`<td>${text ?? ''}</td>`;
  return html`<section aria-labelledby="boards-head"><h2 id="boards-head">All boards</h2>
<details><summary>${plural(boards.length, 'board')} as a table</summary>
<div class="scroll" tabindex="0" role="region" aria-label="Table of all boards"><table>
<thead><tr>${['Board', 'Worker', 'Type', 'State', 'Health', 'Job', 'Port', 'Client', 'Adapter', 'Serial'].map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
<tbody>
${boards.map(
  ({ name, worker, type, tone, device, console: line, adapter }) =>
    html`<tr class="${tone}" data-search><th scope="row">${sign(tone)}${name}</th>${[
      cell(worker),
      cell(type),
      cell(device?.state),
      cell(device?.details?.health),
      cell(device?.details?.job),
      cell(line?.details?.port),
      cell(line?.details?.client),
      cell(adapter?.state),
      cell(adapter?.details?.serial),
    ]}</tr>\n`,
)}</tbody></table></div></details></section>`;
}
