import { styleText } from 'node:util';
import { formatWarning } from '../contract/errors.ts';
import type { ChangeView, Event, FailureView, HostOutcome, HostSummary } from '../events/event.ts';
import { ageOf } from '../values/age.ts';
import { visible, visibly } from './visible.ts';

/** How texts are drawn. */
export interface TextOptions {
  readonly colour: 'yes' | 'no';
  readonly diff: 'show' | 'hide';
  /** `verbose` names every step and shows what it printed. */
  readonly detail: 'normal' | 'verbose';
}

type StepFinished = Extract<Event, { type: 'step-finished' }>;
type Style = Parameters<typeof styleText>[0];

/** Turns events into the lines that a person reads; the same on a terminal and in a log. */
export interface TextWriter {
  /** The lines of an event, with nothing in them that a terminal obeys but colours; none for events that only matter to a progress display. */
  lines(event: Event): readonly string[];
}

/** Makes a writer; it remembers which diffs it has shown, so that no change is shown twice. */
export function textWriter(options: TextOptions): TextWriter {
  const shown = new Set<string>();
  const progress = new Map<string, { task: string; steps: number }>();
  const paint = (style: Style, text: string): string =>
    options.colour === 'yes' ? styleText(style, text, { validateStream: false }) : text;

  function planned(event: Extract<Event, { type: 'host-planned' }>): readonly string[] {
    const { host, changes, pending, deferred, warnings, pendingHandlers, round } = event;
    const isNew = (...words: readonly string[]): boolean => {
      const key = [host, ...words].join('\n');
      if (shown.has(key)) return false;
      shown.add(key);
      return true;
    };
    const fresh = changes.filter(({ before, after, labels, resource, task, runs }) =>
      isNew(JSON.stringify([before, after, labels, runs && task]), resource),
    );
    const held = deferred.filter(({ reason, resource }) => isNew(reason, resource));
    const nothing =
      changes.length + pending.length + pendingHandlers.length + deferred.length === 0;
    return [
      ...(nothing && round === 1 ? [`${host}: nothing to change`] : []),
      ...warnings
        .filter(({ message, resource }) => isNew(message, resource))
        .flatMap(({ task, resource, message, hint }) => [
          `${host}: ${resource} (${task}): ${paint('yellow', 'warning')}: ${message}`,
          ...(hint ? [`  hint: ${hint}`] : []),
        ]),
      ...fresh.flatMap((change) => changeLines(host, change)),
      ...held.flatMap((change) => [
        ...changeLines(host, change),
        `  ${paint('yellow', 'deferred')}: ${change.reason} (--kick does not wait)`,
      ]),
      ...pending
        .filter(({ task, reason }) => isNew(task, reason))
        .map(
          ({ task, reason }) =>
            `${host}: ${task}: ${paint('cyan', `known after apply (${reason})`)}`,
        ),
      ...(round === 1 ? pendingHandlers.map((handler) => `${host}: pending: ${handler}`) : []),
    ];
  }

  function changeLines(host: string, change: ChangeView): readonly string[] {
    if (change.runs) return actionLines(host, change);
    const [was, willBe] = change.labels;
    const attributes = was === willBe ? '' : `: ${was} -> ${willBe}`;
    const hunks = options.diff === 'show' && change.before !== change.after;
    const what = `${host}: ${change.resource}${hunks ? '' : attributes}`;
    return [
      `${paint('bold', what)} (${change.task})`,
      ...(hunks ? change.diff.trimEnd().split('\n') : []).map((line) =>
        paint(diffStyle(line), line),
      ),
      ...change.handlers.map((handler) => `  then: ${handler}`),
    ];
  }

  function actionLines(host: string, { resource, task, after, handlers }: ChangeView) {
    const said = after.trim() === '' || options.diff === 'hide' ? [] : after.trimEnd().split('\n');
    return [
      `${paint('bold', `${host}: ${resource}`)} (${task}): ${paint('cyan', 'runs')}`,
      ...said.map((line) => `  | ${line}`),
      ...handlers.map((handler) => `  then: ${handler}`),
    ];
  }

  function stepLines({ host, step, output }: StepFinished): readonly string[] {
    const said = output.trim() === '' ? [] : output.trim().split('\n');
    return [`${host}: ${step}: ${paint('green', 'done')}`, ...said.map((line) => `  | ${line}`)];
  }

  /** Steps are counted, and named only with `-v`: their diffs were shown before. */
  function countStep({ host, task }: StepFinished): readonly string[] {
    const known = progress.get(host);
    const ended = known && known.task !== task ? finishTask(host) : [];
    progress.set(host, { task, steps: known?.task === task ? known.steps + 1 : 1 });
    return ended;
  }

  function finishTask(host: string): readonly string[] {
    const known = progress.get(host);
    if (!known) return [];
    progress.delete(host);
    return [`${host}: ${known.task}: ${paint('green', `${plural(known.steps, 'step')} done`)}`];
  }

  function failed(host: string, failure: FailureView): readonly string[] {
    const { kind, message, task, resource, output, hint } = failure;
    const parts = [message.startsWith(host) ? undefined : host, task, resource, message];
    const sentence = parts.filter((part) => part !== undefined).join(': ');
    return [
      `${paint('red', kind === 'unreachable' ? 'unreachable' : 'failed')}: ${sentence}`,
      ...(output
        ? output
            .trimEnd()
            .split('\n')
            .map((line) => `  | ${line}`)
        : []),
      ...(hint ? [`  hint: ${hint}`] : []),
    ];
  }

  function handlerFailed(event: Extract<Event, { type: 'handler-failed' }>): readonly string[] {
    const { host, handler, output, next } = event;
    const said = output.trim().split('\n');
    const outcome = next === 'next run' ? 'it stays pending' : 'it is tried again after the steps';
    const reason = said.at(-1) === '' ? '' : `: ${said.at(-1)}`;
    return [
      `${host}: ${handler}: ${paint('red', 'failed')}${reason} (${outcome})`,
      ...(options.detail === 'verbose' ? said.map((line) => `  | ${line}`) : []),
    ];
  }

  function unlocked(event: Extract<Event, { type: 'host-unlocked' }>): string {
    const { host, found, holder, pid, seconds = 0 } = event;
    if (found === 'no lock') return `${host}: not locked`;
    const was = `the lock of ${holder}, taken ${ageOf(seconds)} ago`;
    return `${host}: ${paint('green', 'unlocked')}: ${was}, was stale: its process ${pid} no longer runs there`;
  }

  function finished(event: Extract<Event, { type: 'run-finished' }>): readonly string[] {
    const width = Math.max(0, ...event.hosts.map(({ host }) => host.length));
    const rows = event.hosts.map((summary) => {
      const outcome = paint(outcomeStyle(summary), summary.outcome.padEnd(12));
      return `${summary.host.padEnd(width)}  ${outcome} ${countsOf(summary)}`.trimEnd();
    });
    return ['', ...rows, '', closing(event)];
  }

  return {
    lines: (event) =>
      event.type === 'warning'
        ? [visible(formatWarning(event.warning))]
        : linesOf(visibly(event)).map((line) => line.replaceAll('\n', '\n    ')),
  };

  function linesOf(event: Event): readonly string[] {
    switch (event.type) {
      case 'host-planned':
        return planned(event);
      case 'play-started':
        return event.hosts.length > 0 ? [paint('bold', `play: ${event.play}`)] : [];
      case 'step-finished':
        return options.detail === 'verbose' ? stepLines(event) : countStep(event);
      case 'handler-finished':
        return [
          ...finishTask(event.host),
          `${event.host}: ${event.handler}: ${paint('green', 'done')}`,
        ];
      case 'handler-deferred':
        return [
          ...finishTask(event.host),
          `${event.host}: ${event.handler}: ${paint('yellow', 'deferred')}: ${event.reason} (--kick does not wait)`,
        ];
      case 'handler-failed':
        return [...finishTask(event.host), ...handlerFailed(event)];
      case 'host-applied':
        return finishTask(event.host);
      case 'proved':
        return [`${event.host}: ${paint('green', 'proved')}: ${event.proof}`];
      case 'host-failed':
        return [...finishTask(event.host), ...failed(event.host, event.failure)];
      case 'host-skipped':
        return [`${event.host}: ${paint('yellow', 'skipped')}: ${event.reason}`];
      case 'stale-outside-limit':
        return [
          `${event.host}: outside the limit, not touched; ${plural(event.changes, 'change')} waiting there`,
        ];
      case 'host-unlocked':
        return [unlocked(event)];
      case 'interrupted':
        return [paint('yellow', event.message)];
      case 'run-finished':
        return finished(event);
      default:
        return [];
    }
  }
}

/** `1 change`, `2 changes`. */
export function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}

/** Outcomes of hosts on which not all was done. */
const CUT_SHORT: readonly HostOutcome[] = ['interrupted', 'skipped', 'failed', 'unreachable'];

/** The order in which the last line counts hosts. */
const OUTCOMES: readonly HostOutcome[] = ['changed', 'unchanged', 'would change', ...CUT_SHORT];

function countsOf({ outcome, changes, runs, pending, deferred }: HostSummary): string {
  const after = CUT_SHORT.includes(outcome) ? 'after ' : '';
  const parts = [
    ...(changes > 0 ? [`${after}${plural(changes, 'change')}`] : []),
    ...(runs > 0 ? [outcome === 'would change' ? `${runs} to run` : `${runs} run`] : []),
    ...(pending > 0 ? [`${pending} known after apply`] : []),
    ...(deferred > 0 ? [`${plural(deferred, 'change')} deferred`] : []),
  ];
  return parts.join(', ');
}

function closing({ mode, hosts, ...end }: Extract<Event, { type: 'run-finished' }>): string {
  const unmade = hosts.filter(({ outcome }) => outcome === 'would change');
  const made = hosts.filter((summary) => !unmade.includes(summary));
  const toMake = plural(sumOf(unmade, 'changes'), 'change');
  const pending = sumOf(unmade, 'pending');
  const held = sumOf(hosts, 'deferred');
  const byOutcome = OUTCOMES.flatMap((outcome) => {
    const count = hosts.filter((summary) => summary.outcome === outcome).length;
    return count > 0 ? [`${count} ${outcome}`] : [];
  });
  const parts = [
    mode === 'dry run' ? `${toMake} to make` : `${plural(sumOf(made, 'changes'), 'change')} made`,
    ...(mode === 'apply' && unmade.length > 0 ? [`${toMake} not made`] : []),
    ...(sumOf(made, 'runs') > 0 ? [`${sumOf(made, 'runs')} run`] : []),
    ...(sumOf(unmade, 'runs') > 0 ? [`${sumOf(unmade, 'runs')} to run`] : []),
    ...(pending > 0 ? [`${pending} known after apply`] : []),
    ...(held > 0 ? [`${held} deferred`] : []),
    ...(mode === 'dry run' ? ['nothing was touched'] : []),
    ...(end.exitCode === INTERRUPTED ? ['interrupted'] : []),
    `${end.seconds.toFixed(1)} s`,
  ];
  const all = `${mode === 'dry run' ? 'dry run: ' : ''}${plural(hosts.length, 'host')}`;
  return `${[all, ...byOutcome].join(', ')}; ${parts.join(', ')}`;
}

/** The exit code of a run that was stopped. */
const INTERRUPTED = 130;

type Count = 'changes' | 'runs' | 'pending' | 'deferred';

function sumOf(hosts: readonly HostSummary[], key: Count): number {
  return hosts.reduce((sum, summary) => sum + summary[key], 0);
}

function diffStyle(line: string): Style {
  if (line.startsWith('---') || line.startsWith('+++')) return 'bold';
  if (line.startsWith('+')) return 'green';
  if (line.startsWith('-')) return 'red';
  if (line.startsWith('@@')) return 'cyan';
  return 'reset';
}

function outcomeStyle({ outcome }: HostSummary): Style {
  if (outcome === 'failed' || outcome === 'unreachable') return 'red';
  if (outcome === 'unchanged') return 'green';
  return 'yellow';
}
