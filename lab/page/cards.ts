import type { Thing } from '../../engine/sdk.ts';
import {
  type BoardStatus,
  type HostStatus,
  type LabStatus,
  type Status,
  stateOfBoard,
  WORST_FIRST,
  type WorkerStatus,
} from '../status/lab_status.ts';
import { type Html, html } from './html.ts';
import { busySign, sign } from './signs.ts';

/** A card for each host that is not a worker. */
export function services({ hosts, services: things }: LabStatus): Html {
  const others = hosts.filter(({ groups }) => !groups.includes('workers'));
  return html`<section aria-labelledby="servers-head"><h2 id="servers-head">Servers</h2>
<ul class="cards">
${others.map(
  (host) => html`<li class="card ${host.status}" id="host-${host.name}" data-search>
${cardHead(host, host.groups.join(', '))}
${facts(
  things
    .filter((thing) => thing.host === host.name)
    .map((thing) => [thing.kind, thingInWords(thing), thing.status]),
)}</li>
`,
)}</ul></section>`;
}

/** A card for each worker with its boards, worst first. */
export function workers(all: readonly WorkerStatus[]): Html {
  const sorted = all.toSorted(
    (a, b) => WORST_FIRST.indexOf(a.status) - WORST_FIRST.indexOf(b.status),
  );
  return html`<section aria-labelledby="workers-head"><h2 id="workers-head">Workers</h2>
${all.length === 0 && html`<p class="empty">This lab has no workers.</p>`}
<ul class="cards">
${sorted.map(workerCard)}</ul></section>`;
}

function workerCard(worker: WorkerStatus): Html {
  const { agent, mounts, tunnels, hubs, boards } = worker;
  const master = worker.worker;
  return html`<li class="card ${worker.status}" id="host-${worker.name}" data-search>
${cardHead(worker, master ? `${master.state}, ${master.details?.health ?? ''}` : worker.state)}
${facts([
  ...(master ? masterFacts(master) : []),
  ...(agent ? [['agent', agent.state, agent.status] as const] : []),
  ...mounts.map((mount) => ['share', mount.state, mount.status] as const),
  ...tunnels.map(
    (tunnel) =>
      ['tunnel', `${tunnel.state}, to ${tunnel.details?.to ?? ''}`, tunnel.status] as const,
  ),
  ...hubs
    .filter(({ status }) => status !== 'good')
    .map((hub) => [`hub ${hub.name}`, hub.state, hub.status] as const),
])}
<ul class="boards" aria-label="Boards of ${worker.name}">
${boards.toSorted((a, b) => WORST_FIRST.indexOf(a.status) - WORST_FIRST.indexOf(b.status)).map(boardTile)}</ul>
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

type Fact = readonly [name: string, value: string, status?: Status];

function facts(list: readonly Fact[]): Html | undefined {
  if (list.length === 0) return undefined;
  return html`<dl>${list.map(
    ([name, value, status = 'good']) =>
      html`<div class="${status}"><dt>${name}</dt><dd>${status !== 'good' && sign(status)}${value}</dd></div>`,
  )}</dl>`;
}

function cardHead({ name, address, status }: HostStatus, note: string): Html {
  return html`<h3>${sign(status)}${name}</h3><p class="note">${note} <span class="address">${address}</span></p>`;
}

function boardTile(board: BoardStatus): Html {
  const { name, status, device, console: line, adapter, held } = board;
  const health = String(device?.details?.health ?? '');
  const troubles = [
    device && (device.status === 'bad' || device.status === 'off') && (health || device.state),
    held !== undefined && stateOfBoard(board),
    line?.status === 'bad' && `console ${line.state}`,
    adapter?.status === 'bad' && `adapter ${adapter.state}`,
  ].filter((word) => word !== undefined && word !== false);
  const state = device?.state ?? '';
  const isBusy = status === 'good' && state !== 'Idle' && state !== '';
  const more = [line?.details?.port, adapter?.details?.serial].filter(
    (value) => value !== undefined,
  );
  return html`<li class="${status}${isBusy && ' busy'}">${isBusy ? busySign : sign(status)}<span class="board">${name}</span> <span class="${troubles.length > 0 ? 'state' : 'hidden'}">${troubles.join(', ') || state}</span> <span class="more">${more.join(' ')}</span></li>\n`;
}

function thingInWords({ state, details = {} }: Thing): string {
  return [state, ...Object.entries(details).map(([key, value]) => `${key} ${value}`)].join(', ');
}
