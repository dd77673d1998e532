import type { Extension } from '../contract/extension.ts';
import {
  type Figure,
  type HostFinding,
  type HostHealth,
  type PathEnd,
  SEVERITY_RANK,
  type Thing,
} from '../contract/finding.ts';
import type { HostQuery, LabQuery } from '../contract/health_query.ts';
import type { Inventory } from '../contract/inventory.ts';
import type { LabView } from '../contract/module.ts';
import type { Trial } from '../contract/trial.ts';
import { explained, type Found, type TargetOf } from './causes.ts';
import { driftFindings } from './drift.ts';
import { type HostResults, insideOnly, outputsOf } from './host_results.ts';
import { broken, judged, type Stacks } from './judged.ts';
import { labQuestions } from './lab_queries.ts';
import { clockFindings } from './lab_wide/clocks.ts';
import type { Reply } from './query_health.ts';

/** Judges all answers: each host's own, and those that only mean something together. */
export function judgeLab(
  allResults: readonly HostResults[],
  inventory: Inventory,
  extension: Extension,
  stacks: Stacks,
): readonly HostHealth[] {
  const inside = allResults.filter(insideOnly);
  const names = new Set(inside.map(({ host }) => host.name));
  const found = [
    ...inside.flatMap((results) => [
      ...ownFindings(results, stacks),
      ...labFindings(results, allResults, inventory, stacks),
    ]),
    ...clockFindings(
      new Map(
        inside.flatMap(({ host, replies }) => (replies?.clock ? [[host.name, replies.clock]] : [])),
      ),
    ),
    ...labQuestions(inventory.lab, extension).flatMap((question) =>
      judged({ check: question.id, host: '', stacks }, () =>
        question.judge(outputsOf(question, inside, inventory)),
      ),
    ),
  ].filter(({ host }) => names.has(host));
  const so = withoutRepeats(stillSo(found, inside));
  const drifts = inside.flatMap((results) => driftFindings(results, so));
  const told = explained([...so, ...drifts], targetsIn(inventory.lab, extension));
  const things = inside.flatMap(thingsTold);
  return inside.map((results) => healthOf(results, told, things));
}

/** Without what a later trial of the host itself has shown to be over. */
function stillSo(found: readonly Found[], inside: readonly HostResults[]): readonly Found[] {
  const works = new Set(
    inside.flatMap(({ host, trials }) =>
      trials.flatMap(({ question, failure }) =>
        failure ? [] : [`${host.name} ${question.trial.kind}`],
      ),
    ),
  );
  return found.filter(({ host, until }) => until === undefined || !works.has(`${host} ${until}`));
}

function targetsIn(lab: LabView, { hostAt }: Extension): TargetOf {
  return (end, from) => {
    const host = lab.hosts[from];
    const known = host && hostAt(end, host, lab);
    if (known !== undefined) return known;
    if (/^(127\.|::1$|localhost$)/.test(end.host)) return from;
    return Object.values(lab.hosts).find(({ address, name }) => [address, name].includes(end.host))
      ?.name;
  };
}

function healthOf(
  results: HostResults,
  all: readonly HostFinding[],
  things: readonly Thing[],
): HostHealth {
  const { host, replies, questions, failure, trials } = results;
  const findings = all
    .filter((finding) => finding.host === host.name)
    .toSorted((a, b) => SEVERITY_RANK[a.severity] - SEVERITY_RANK[b.severity]);
  const feels = all.some(
    ({ severity, alsoSeen }) =>
      severity === 'problem' && alsoSeen.some((other) => other.host === host.name),
  );
  const hasProblem = feels || findings.some(({ severity }) => severity === 'problem');
  const answered = (probe: string): boolean => replies?.replies.get(probe)?.state === 'answered';
  const checks = [
    ...(questions?.own ?? []).filter(({ probe }) => answered(probe)).map(({ id }) => id),
    ...trials.map(({ question }) => question.id),
  ];
  return {
    host: host.name,
    groups: host.groups.filter((group) => group !== 'all'),
    state: failure && !replies ? 'unreachable' : hasProblem ? 'problems' : 'healthy',
    findings,
    checks: [...new Set(checks)],
    figures: figuresOf(results),
    things: things.filter((thing) => thing.host === host.name),
    scripts: results.scripts,
    seconds: results.seconds,
  };
}

/** What a host tells of itself and of others; each thing with the host that it is on. */
function thingsTold(results: HostResults): readonly Thing[] {
  return fromAnswers(results, (question, output) => question.things?.(output)).map((thing) => ({
    ...thing,
    host: thing.host ?? results.host.name,
  }));
}

/** An answer that is not understood is a finding already, and gives nothing here. */
function fromAnswers<T>(
  { questions, replies }: HostResults,
  read: (question: HostQuery, output: string) => readonly T[] | undefined,
): readonly T[] {
  return (questions?.own ?? []).flatMap((question) => {
    const reply = replies?.replies.get(question.probe);
    if (reply?.state !== 'answered') return [];
    try {
      return read(question, reply.output) ?? [];
    } catch {
      return [];
    }
  });
}

function figuresOf(results: HostResults): readonly Figure[] {
  const { replies, timedPaths } = results;
  const figures = fromAnswers(results, (question, output) => question.figures?.(output));
  const ahead = replies?.clock?.ahead;
  return [
    ...figures,
    ...(ahead === undefined ? [] : [{ name: 'clock_ahead_seconds', value: ahead }]),
    ...timedPaths.map(({ way, seconds }) => ({ name: way.figure, value: seconds })),
  ];
}

function ownFindings(results: HostResults, stacks: Stacks): readonly Found[] {
  const {
    host: { name: host },
    questions,
    replies,
    failure,
    trials,
  } = results;
  const found: Found[] = [];
  if (failure) {
    found.push({
      host,
      check: 'host.reachable',
      severity: 'problem',
      what: replies
        ? 'the connection to the host was lost during the check'
        : 'the host cannot be reached',
      evidence: failure.message,
      fix: failure.context.hint ?? `check its power and network, then: ssh ${host}`,
      subject: `host ${host}`,
    });
  }
  for (const { module, error } of questions?.silent ?? []) {
    const what = `the module ${module} cannot list what to check`;
    found.push(broken(what, error, { host, check: `${module}.health`, module, stacks }));
  }
  for (const question of questions?.own ?? []) {
    const { id, probe } = question;
    const reply = replies?.replies.get(probe);
    const judgement = { check: id, host, module: questions?.askers.get(question), stacks };
    if (reply?.state === 'answered')
      found.push(...judged(judgement, () => question.judge(reply.output)));
    else if (reply) found.push(...unanswered(id, host, reply));
  }
  for (const { question, failure: reason } of trials) {
    if (!reason) continue;
    const { id, what, severity = 'problem', subject, breaks, trial } = question;
    found.push({
      ...{ host, check: id, severity, what, towards: wayOf(trial), isTried: true },
      evidence: reason.message,
      fix: reason.context.hint ?? 'check the service there, and firewalls in between',
      ...(subject !== undefined && { subject }),
      ...(breaks && { breaks }),
    });
  }
  for (const { way, seconds, address } of results.timedPaths) {
    found.push(...judged({ check: way.id, host, stacks }, () => way.judge(seconds, address)));
  }
  return found;
}

/** A proxy asks for a page, and waits for the server of that. */
function wayOf(trial: Trial): PathEnd {
  if (!('url' in trial) || trial.kind !== 'http_proxy') return trial;
  return { ...trial, beyond: new URL(trial.url).hostname };
}

function unanswered(
  check: string,
  host: string,
  reply: Exclude<Reply, { state: 'answered' }>,
): readonly Found[] {
  const common = { host, check };
  switch (reply.state) {
    case 'hung':
      return [
        {
          ...common,
          severity: 'problem',
          what: 'a query to this host timed out: something on it hangs',
          evidence: `no output within ${reply.seconds} s`,
          fix: 'look for processes in state D and what they wait for: ps -eo pid,stat,wchan:20,args',
        },
      ];
    case 'failed':
      return [
        {
          ...common,
          severity: 'warning',
          what: 'this could not be checked',
          evidence: `the probe ended with status ${reply.status}${reply.words === '' ? '' : `: ${reply.words}`}`,
          fix: 'run the check again; if it fails again, the host lacks something that the check needs',
        },
      ];
    case 'not asked':
      return [
        {
          ...common,
          severity: 'warning',
          what: 'this was not checked, because the host stopped answering',
          evidence: reply.why,
          fix: 'fix what hangs first, then check again',
          subject: 'checks not made',
        },
      ];
  }
}

function labFindings(
  { host: { name: host }, questions, replies }: HostResults,
  allResults: readonly HostResults[],
  inventory: Inventory,
  stacks: Stacks,
): readonly Found[] {
  if (!replies) return [];
  return (questions?.lab ?? []).flatMap((question: LabQuery) =>
    judged({ check: question.id, host, module: questions?.askers.get(question), stacks }, () =>
      question.judge(outputsOf(question, allResults, inventory)),
    ),
  );
}

/** One thing said twice is said once; the engine gives way to a module that speaks about the same. */
function withoutRepeats(found: readonly Found[]): readonly Found[] {
  const single = [
    ...new Map(
      found.map((each) => {
        const { host, check, what, evidence, subject } = each;
        const key = subject === 'checks not made' ? [host, subject] : [host, check, what, evidence];
        return [JSON.stringify(key), each];
      }),
    ).values(),
  ];
  const byModule = new Set(
    single.filter((each) => !isOfEngine(each)).map(({ host, subject }) => `${host} ${subject}`),
  );
  return single.filter(
    (each) =>
      !isOfEngine(each) ||
      each.subject === undefined ||
      !byModule.has(`${each.host} ${each.subject}`),
  );
}

function isOfEngine({ check }: Found): boolean {
  return /^(host|lab)\./.test(check);
}
