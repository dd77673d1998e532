import type { Extension } from '../contract/extension.ts';
import type { LabHealth } from '../contract/finding.ts';
import type { Inventory } from '../contract/inventory.ts';
import type { ReadyPlay } from '../contract/task.ts';
import type { Connect } from '../contract/transport.ts';
import { inParallel } from '../values/pool.ts';
import { questionsFor } from './host_queries.ts';
import { type HostResults, insideOnly, membersOf, outputsOf } from './host_results.ts';
import { judgeLab } from './judge_lab.ts';
import type { Stacks } from './judged.ts';
import { labQuestions } from './lab_queries.ts';
import { dismiss, type Patience, probeHost, probeMore } from './probe_host.ts';
import { factsOf, readDrift } from './read_drift.ts';

/** What a check needs; everything that touches the outside is handed in. */
export interface CheckOptions {
  readonly inventory: Inventory;
  readonly plays: readonly ReadyPlay[];
  /** The hosts that are checked; others may be asked about them. */
  readonly hosts: readonly string[];
  /** How many hosts are asked at a time. */
  readonly forks: number;
  readonly connect: Connect;
  readonly extension: Extension;
  /** Whether the hosts are compared with the inventory too; they are not unless set. */
  readonly drift?: 'told' | 'left';
  readonly patience?: Patience;
  /** Whether errors of modules are told with their stacks; hidden unless set. */
  readonly stacks?: Stacks;
  /** Aborted when the user asks to stop: then no host is waited for. */
  readonly stop: AbortSignal;
  /** Told whenever a host has been asked. */
  readonly onHost?:
    | ((host: string, asked: { readonly done: number; readonly all: number }) => void)
    | undefined;
}

const PATIENCE: Patience = { connect: 10, silence: 15, host: 60 };

/**
 * Asks all hosts at once, tries the paths between them, and judges what they answered.
 *
 * Nothing is changed anywhere. A host that does not answer costs its own findings and nobody else's.
 */
export async function checkLab(options: CheckOptions): Promise<LabHealth> {
  const { inventory, forks, connect, extension, stop, patience = PATIENCE } = options;
  const began = Date.now();
  const prober = { connect, patience, extension, stopped: aborted(stop) };
  const allResults = resultsOf(options);
  const probes = probesByHost(allResults, inventory, extension);
  const facts = options.drift === 'told' ? factsOf(options, options.hosts) : undefined;
  const asked = allResults.filter(
    ({ questions, host: { name } }) =>
      questions || probes.has(name) || (facts?.queriesTo(name).length ?? 0) > 0,
  );
  let done = 0;
  await inParallel(asked, forks, async (results) => {
    await probeHost(results, [...(probes.get(results.host.name) ?? [])], prober);
    done += 1;
    options.onHost?.(results.host.name, { done, all: asked.length });
  });
  await inParallel(asked, asked.length, async (results) => {
    const more = (results.questions?.paths ?? []).filter(({ given }) =>
      given?.holds(outputsOf(given, allResults, inventory)),
    );
    await probeMore(results, more, prober);
  });
  if (facts) await readDrift(asked, facts, { ...options, patience, stopped: prober.stopped });
  await inParallel(asked, asked.length, dismiss);
  return {
    inventory: inventory.file,
    time: new Date(began).toISOString(),
    seconds: (Date.now() - began) / 1000,
    hosts: judgeLab(allResults, inventory, extension, options.stacks ?? 'hidden'),
  };
}

function aborted(stop: AbortSignal): Promise<void> {
  if (stop.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    stop.addEventListener('abort', () => resolve(), { once: true });
  });
}

function resultsOf({ inventory, plays, hosts, extension }: CheckOptions): readonly HostResults[] {
  const chosen = new Set(hosts);
  return [...inventory.hosts.values()].flatMap((host) => {
    const view = inventory.lab.hosts[host.name];
    if (!view) return [];
    const tasks = plays.flatMap((play) => play.tasks.get(host.name) ?? []);
    const questions = chosen.has(host.name)
      ? questionsFor(view, tasks, inventory.lab, extension)
      : undefined;
    return [{ host, questions, trials: [], timedPaths: [], scripts: 0, seconds: 0 }];
  });
}

function probesByHost(
  allResults: readonly HostResults[],
  inventory: Inventory,
  extension: Extension,
): ReadonlyMap<string, ReadonlySet<string>> {
  const probes = new Map<string, Set<string>>();
  const add = (host: string, probe: string): void => {
    probes.set(host, (probes.get(host) ?? new Set()).add(probe));
  };
  for (const { host, questions } of allResults) {
    for (const { probe } of questions?.own ?? []) add(host.name, probe);
    const others = (questions?.paths ?? []).flatMap(({ given }) => given ?? []);
    for (const { of, probe } of [...(questions?.lab ?? []), ...others]) {
      for (const member of membersOf(of, inventory)) add(member, probe);
    }
  }
  const inside = new Set(allResults.filter(insideOnly).map(({ host }) => host.name));
  for (const { of, probe } of labQuestions(inventory.lab, extension)) {
    const members = membersOf(of, inventory).filter((member) => inside.has(member));
    for (const member of members) add(member, probe);
  }
  return probes;
}
