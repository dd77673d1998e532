import { randomBytes } from 'node:crypto';
import type { Trials } from '../contract/check.ts';
import { asHostError, HostError } from '../contract/errors.ts';
import type { Host, Inventory } from '../contract/inventory.ts';
import type { ReadyPlay, Task } from '../contract/task.ts';
import type { Connect, Connection } from '../contract/transport.ts';
import type { HostOutcome, HostSummary, Report } from '../events/event.ts';
import { hostFailed, hostPlanned } from '../events/view.ts';
import { groupsAsked, heardTheSame, type LabFacts, labFacts } from '../plan/lab_facts.ts';
import { askFacts, type HostAnswers, isEmpty, type Plan, planFrom } from '../plan/plan.ts';
import { type Proved, prove } from '../proofs/prove.ts';
import { runCheck } from '../proofs/run_check.ts';
import type { UnreadableEntry } from '../script/ledger.ts';
import { askThrough } from '../transport/ask.ts';
import { inParallel } from '../values/pool.ts';
import { converge, type Debts, type HostWork, NO_DEBTS, planInput } from './converge.ts';

/** What a run needs; everything that touches the outside is handed in. */
export interface RunOptions {
  readonly mode: 'apply' | 'dry run';
  readonly inventory: Inventory;
  readonly plays: readonly ReadyPlay[];
  readonly playbook: string;
  /** How many hosts are worked on at a time. */
  readonly forks: number;
  readonly connect: Connect;
  /** How the checks of the extension are made. */
  readonly trials: Trials;
  readonly report: Report;
  /** Asked once, when there is something to do, before the first host is changed. */
  readonly confirm: () => Promise<boolean>;
  /** Aborted when the user asks to stop. */
  readonly stop: AbortSignal;
  /** Who runs it: `admin@laptop`. */
  readonly holder: string;
  /** Whether changes that would cut somebody off wait until he is gone. */
  readonly inUse: 'wait' | 'kick';
  /** Whether an error inside lava-play says where in the program it came from. */
  readonly stacks: 'shown' | 'hidden';
  /** When services are asked for the proofs of modules: `after changes` unless told. */
  readonly proofs?: 'after changes' | 'always';
}

/** How a run ended. */
export interface RunResult {
  readonly hosts: readonly HostSummary[];
  readonly end: 'complete' | 'declined' | 'interrupted';
  /** What services said of themselves at the end. */
  readonly proofs: readonly Proved[];
}

/** What a run knows of one host. */
interface HostRun {
  readonly host: Host;
  readonly limited: 'inside' | 'outside';
  work?: HostWork;
  answers?: HostAnswers;
  plan?: Plan;
  /** Ids of what waits until somebody is gone. */
  waiting: ReadonlySet<string>;
  debts: Debts;
  changes: number;
  reactions: number;
  outcome: HostOutcome;
  failure?: HostError;
}

/**
 * Plans all hosts, shows the plans, and applies them play by play.
 *
 * A dry run is the same up to the confirmation. A host that fails stops by itself; a later play
 * runs only where the hosts that it needs have not failed.
 */
export async function run(options: RunOptions): Promise<RunResult> {
  const { report, mode, inventory, playbook } = options;
  const runs = hostRuns(options);
  const inside = [...runs.values()].filter(({ limited }) => limited === 'inside');
  const outside = [...runs.values()].filter(({ limited }) => limited === 'outside');
  report({
    type: 'run-started',
    mode,
    inventory: inventory.file,
    playbook,
    hosts: inside.map(({ host }) => host.name),
  });
  try {
    const book = labFacts(allTasks(options.plays), inventory.lab);
    const readingOthers = readAll(outside, book, { ...options, report: ignore });
    await readAll(inside, book, options);
    reportUnasked(outside, book, report);
    const end = await act(runs, inside, options);
    const proofs = await proveAll(inside, end, options);
    await readingOthers;
    reportStale(outside, report);
    for (const hostRun of inside) report({ type: 'host-finished', summary: summary(hostRun) });
    return { hosts: inside.map(summary), end, proofs };
  } finally {
    await Promise.allSettled([...runs.values()].map(({ work }) => work?.session.close()));
  }
}

async function act(
  runs: ReadonlyMap<string, HostRun>,
  inside: readonly HostRun[],
  options: RunOptions,
): Promise<RunResult['end']> {
  const { mode, plays, confirm, stop } = options;
  const due = inside.filter(({ plan }) => plan && !isEmpty(plan));
  if (mode === 'dry run') {
    for (const hostRun of due) hostRun.outcome = 'would change';
    return stop.aborted ? 'interrupted' : 'complete';
  }
  if (due.length === 0) {
    for (const hostRun of inside) refuseDebts(hostRun, options);
    return stop.aborted ? 'interrupted' : 'complete';
  }
  if (!stop.aborted && !(await confirm())) {
    for (const hostRun of due) hostRun.outcome = 'would change';
    return stop.aborted ? 'interrupted' : 'declined';
  }
  for (const play of plays) {
    if (stop.aborted) break;
    await applyPlay(play, runs, options);
  }
  for (const hostRun of inside) {
    if (stop.aborted && hostRun.plan && !isEmpty(hostRun.plan) && hostRun.outcome === 'unchanged')
      hostRun.outcome = 'interrupted';
  }
  return stop.aborted ? 'interrupted' : 'complete';
}

async function applyPlay(
  play: ReadyPlay,
  runs: ReadonlyMap<string, HostRun>,
  options: RunOptions,
): Promise<void> {
  options.report({ type: 'play-started', play: play.name, hosts: play.hosts });
  for (const batch of play.batches) {
    const able = batch.flatMap((name) => runs.get(name) ?? []).filter((hostRun) => hostRun.work);
    const missing = missingOf(play.needs, runs);
    if (missing) {
      skip(able, `it needs ${missing}`, options.report);
      return;
    }
    await inParallel(able, options.forks, async (hostRun) => {
      await applyToHost(hostRun, play, runs, options);
      options.report({ type: 'host-applied', host: hostRun.host.name, play: play.name });
    });
    const failed = batch.filter((name) => broken(runs.get(name))).length;
    const rest = play.batches.slice(play.batches.indexOf(batch) + 1).flat();
    if (rest.length > 0 && (failed * 100) / batch.length > play.maxFailPercentage) {
      const reason = `${failed} of ${batch.length} hosts of the batch before failed, more than max_fail_percentage (${play.maxFailPercentage})`;
      skip(
        rest.flatMap((name) => runs.get(name) ?? []),
        reason,
        options.report,
      );
      return;
    }
  }
}

async function applyToHost(
  hostRun: HostRun,
  play: ReadyPlay,
  runs: ReadonlyMap<string, HostRun>,
  options: RunOptions,
): Promise<void> {
  const { work, host } = hostRun;
  const { stop, plays } = options;
  const tasks = play.tasks.get(host.name) ?? [];
  if (!work || broken(hostRun) || hostRun.outcome === 'skipped' || stop.aborted) return;
  const isLast = isLastPlay(play, host.name, plays);
  if (tasks.length === 0 && wasChanged(hostRun)) {
    if (isLast) refuseDebts(hostRun, options);
    return;
  }
  try {
    const planned = wasChanged(hostRun) ? undefined : ofTasks(hostRun.plan, tasks);
    const first = planned && (await heardTheSame(planned, work.labFacts)) ? planned : undefined;
    const { changed, reactions, waiting, debts, end } = await converge(
      tasks,
      first,
      work,
      hostRun.debts,
    );
    const stillWaiting = [...hostRun.waiting].filter((id) => !hostRun.debts.putOff.has(id));
    hostRun.waiting = new Set([...stillWaiting, ...waiting]);
    hostRun.debts = debts;
    hostRun.changes += changed.length;
    hostRun.reactions += reactions;
    if (changed.length + reactions > 0) hostRun.outcome = 'changed';
    if (end === 'stopped') hostRun.outcome = 'interrupted';
    else if (isLast && refuseDebts(hostRun, options)) return;
    else if ([...runs.values()].some(({ outcome }) => outcome === 'changed'))
      await tryPaths(tasks, work, options);
  } catch (error) {
    fail(hostRun, error, options);
  }
}

function isLastPlay(play: ReadyPlay, host: string, plays: readonly ReadyPlay[]): boolean {
  return plays.findLast(({ hosts }) => hosts.includes(host)) === play;
}

/** Fails a host that still owes what an earlier run left, and says whether it does. */
function refuseDebts(hostRun: HostRun, options: RunOptions): boolean {
  const { host, plan, debts } = hostRun;
  const entries = plan?.ledger.unreadable ?? [];
  const [debt] = [...debts.unpaid.values(), ...entries.map((entry) => unread(entry, host.name))];
  if (broken(hostRun) || !debt) return false;
  fail(hostRun, debt, options);
  return true;
}

function unread(entry: UnreadableEntry, host: string): HostError {
  const message = `an earlier run owes something here, and ${entry.file} does not say what: ${entry.reason}`;
  const hint = 'restart what was changed on this host last, then remove the file';
  return new HostError('failed', 'unreadable-debt', message, { host, hint });
}

/** Which of the hosts that a play needs are not as they should be, and why. */
function missingOf(
  needs: readonly string[],
  runs: ReadonlyMap<string, HostRun>,
): string | undefined {
  const needed = needs.flatMap((name) => runs.get(name) ?? []);
  const inside = needed.filter(({ limited }) => limited === 'inside');
  const failed = inside.filter(broken);
  const skipped = inside.filter(({ outcome }) => outcome === 'skipped');
  const names = (hosts: readonly HostRun[]): string =>
    hosts.map(({ host }) => host.name).join(', ');
  if (failed.length > 0) return `${names(failed)}, where the run failed`;
  return skipped.length > 0 ? `${names(skipped)}, which was skipped` : undefined;
}

/** Asks services what they say of themselves, where a run has changed something or was told to. */
async function proveAll(
  inside: readonly HostRun[],
  end: RunResult['end'],
  options: RunOptions,
): Promise<readonly Proved[]> {
  const { mode, proofs, forks, plays, report } = options;
  if (mode === 'dry run' || end !== 'complete') return [];
  if (proofs !== 'always' && !inside.some(wasChanged)) return [];
  const all: Proved[] = [];
  await inParallel(inside, forks, async (hostRun) => {
    if (!hostRun.work || broken(hostRun) || hostRun.outcome === 'skipped') return;
    try {
      const proved = await proveHost(tasksOf(hostRun.host.name, plays), hostRun.work);
      all.push(...proved);
      const host = hostRun.host.name;
      for (const { state, words: check } of proved)
        if (state === 'proved') report({ type: 'check-passed', host, check });
      const failed = proved.find(({ state }) => state === 'failed');
      if (failed) {
        const { words, task, hint } = failed;
        throw new HostError('failed', 'not-proved', words, { host, task, hint });
      }
    } catch (error) {
      fail(hostRun, error, options);
    }
  });
  return all;
}

function proveHost(
  tasks: readonly Task[],
  { host, lab, session }: HostWork,
): Promise<readonly Proved[]> {
  const asked = tasks.flatMap(({ module, args, label: task }) =>
    (module.proofs?.({ args, host, lab } as never) ?? []).map((proof) => ({ proof, task })),
  );
  return prove(asked, askThrough(session, host.name));
}

/** Runs the checks of the tasks' modules from the host itself. */
async function tryPaths(
  tasks: readonly Task[],
  { host, lab, session, report }: HostWork,
  { trials }: RunOptions,
): Promise<void> {
  for (const task of tasks) {
    const checks = task.module.checks?.({ args: task.args, host, lab } as never) ?? [];
    for (const check of checks) {
      const passed = await runCheck(check, session, { host: host.name, task: task.label }, trials);
      report({ type: 'check-passed', host: host.name, check: passed });
    }
  }
}

/** The part of a host's first plan that one play is about; what is owed goes with the host's first play. */
function ofTasks(plan: Plan | undefined, tasks: readonly Task[]): Plan | undefined {
  if (!plan) return undefined;
  const own = new Set(tasks);
  const isOwn = ({ task }: { readonly task: Task }): boolean => own.has(task);
  return {
    changes: plan.changes.filter(isOwn),
    pending: plan.pending.filter(isOwn),
    waiting: plan.waiting.filter(isOwn),
    warnings: plan.warnings.filter(isOwn),
    read: plan.read,
    heard: new Map([...plan.heard].filter(([task]) => own.has(task))),
    ledger: plan.ledger,
  };
}

/** Asks all hosts first, because what some want is decided by what others answer. */
async function readAll(
  hostRuns: readonly HostRun[],
  book: LabFacts,
  options: RunOptions,
): Promise<void> {
  await inParallel(hostRuns, options.forks, (hostRun) => askHost(hostRun, book, options));
  await inParallel(hostRuns, options.forks, (hostRun) => planOne(hostRun, options));
}

async function askHost(hostRun: HostRun, book: LabFacts, options: RunOptions): Promise<void> {
  const { connect, report, inventory, plays, stop, holder, inUse } = options;
  const { host, limited } = hostRun;
  const view = inventory.lab.hosts[host.name];
  if (stop.aborted || !view) return book.keep(host.name, undefined, undefined);
  try {
    report({ type: 'host-connecting', host: host.name });
    const session = await connect(limited === 'inside' ? host.connection : inPassing(host));
    const text = `${holder} since ${new Date().toISOString()}`;
    hostRun.work = {
      host: view,
      lab: inventory.lab,
      labFacts: book,
      session,
      report,
      holder: { text, run: newRunName(), inUse },
      stop,
    };
    report({ type: 'host-connected', host: host.name });
    const ask = askThrough(session, host.name);
    const more = book.questionsTo(host.name);
    hostRun.answers = await askFacts(tasksOf(host.name, plays), ask, more);
    book.keep(host.name, hostRun.answers.outputs, ask);
  } catch (error) {
    book.keep(host.name, undefined, undefined);
    fail(hostRun, error, options);
  }
}

async function planOne(hostRun: HostRun, options: RunOptions): Promise<void> {
  const { plays, report } = options;
  const { host, work, answers } = hostRun;
  if (!work || !answers) return;
  try {
    hostRun.plan = await planFrom(answers, tasksOf(host.name, plays), planInput(work));
    hostRun.waiting = new Set(hostRun.plan.waiting.map(({ resource }) => resource.id));
    report(hostPlanned(host.name, 1, hostRun.plan));
  } catch (error) {
    fail(hostRun, error, options);
  }
}

/** A host outside the limit is looked at, not waited for. */
function inPassing({ connection }: Host): Connection {
  return { ...connection, connectTimeout: Math.min(3, connection.connectTimeout) };
}

function fail(hostRun: HostRun, error: unknown, { report, stacks }: RunOptions): void {
  const { name } = hostRun.host;
  const failure = asHostError(error, name, stacks);
  hostRun.outcome = failure.kind;
  hostRun.failure = failure;
  report(hostFailed(name, failure));
}

function skip(hostRuns: readonly HostRun[], reason: string, report: Report): void {
  for (const hostRun of hostRuns) {
    if (broken(hostRun) || hostRun.outcome === 'skipped') continue;
    hostRun.outcome = 'skipped';
    report({ type: 'host-skipped', host: hostRun.host.name, reason });
  }
}

/** Who outside the limit was needed for an answer and did not give one. */
function reportUnasked(outside: readonly HostRun[], book: LabFacts, report: Report): void {
  for (const { host, failure } of outside) {
    if (!failure || book.questionsTo(host.name).length === 0) continue;
    const { message, context } = failure;
    const where = message.startsWith(host.name) ? '' : `${host.name}: `;
    const warning = {
      code: 'not-asked',
      message: `${where}${message}, so what others want to know of it is not known`,
      hint: context.hint,
    };
    report({ type: 'warning', warning });
  }
}

function reportStale(outside: readonly HostRun[], report: Report): void {
  for (const { host, plan } of outside) {
    if (!plan || isEmpty(plan)) continue;
    const changes = plan.changes.length + plan.ledger.owed.length;
    report({
      type: 'stale-outside-limit',
      host: host.name,
      changes,
      pending: plan.pending.length,
    });
  }
}

function hostRuns({ inventory, plays }: RunOptions): ReadonlyMap<string, HostRun> {
  const inside = new Set(plays.flatMap(({ hosts }) => hosts));
  const asked = new Set(
    allTasks(plays)
      .flatMap(groupsAsked)
      .flatMap((group) => inventory.lab.groups[group] ?? []),
  );
  const runs = new Map<string, HostRun>();
  for (const host of inventory.hosts.values()) {
    const hasTasks = tasksOf(host.name, plays).length > 0;
    if (!hasTasks && !asked.has(host.name)) continue;
    const limited = hasTasks && inside.has(host.name) ? 'inside' : 'outside';
    const none = { changes: 0, reactions: 0, waiting: new Set<string>(), debts: NO_DEBTS };
    runs.set(host.name, { host, limited, ...none, outcome: 'unchanged' });
  }
  return runs;
}

function allTasks(plays: readonly ReadyPlay[]): readonly Task[] {
  return plays.flatMap(({ tasks }) => [...tasks.values()].flat());
}

function tasksOf(host: string, plays: readonly ReadyPlay[]): readonly Task[] {
  return plays.flatMap((play) => play.tasks.get(host) ?? []);
}

function wasChanged({ changes, reactions }: HostRun): boolean {
  return changes + reactions > 0;
}

function broken(hostRun: HostRun | undefined): boolean {
  return hostRun?.outcome === 'failed' || hostRun?.outcome === 'unreachable';
}

function summary({ host, outcome, changes, reactions, waiting, plan, work }: HostRun): HostSummary {
  const wouldChange = outcome === 'would change';
  const planned = (plan?.changes.length ?? 0) + (plan?.ledger.owed.length ?? 0);
  return {
    host: host.name,
    outcome,
    changes: wouldChange ? planned : changes + reactions,
    pending: wouldChange ? (plan?.pending.length ?? 0) : 0,
    waiting: waiting.size,
    scripts: work?.session.cost.scripts ?? 0,
  };
}

function newRunName(): string {
  const stamp = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  return `${stamp}-${randomBytes(3).toString('hex')}`;
}

function ignore(): void {}
