import { styleText } from 'node:util';
import type { HostFinding, HostHealth, LabHealth, Severity } from '../contract/finding.ts';
import { plural } from './text.ts';
import { visibly } from './visible.ts';

type Style = Parameters<typeof styleText>[0];

const STYLES: Readonly<Record<Severity, Style>> = {
  problem: 'red',
  warning: 'yellow',
  note: 'cyan',
};

const SEVERITIES: readonly Severity[] = ['problem', 'warning', 'note'];

/** The health of a lab as people read it: hosts in trouble first, each with what, evidence and fix. */
export function healthText(
  health: LabHealth,
  { colour }: { readonly colour: 'yes' | 'no' },
): string {
  const { hosts, seconds } = visibly(health);
  const paint = (style: Style, text: string): string =>
    colour === 'yes' ? styleText(style, text, { validateStream: false }) : text;
  const sick = hosts.filter(({ findings }) => findings.length > 0).toSorted(worstFirst);
  const well = hosts.filter(({ findings, state }) => findings.length === 0 && state === 'healthy');
  const feeling = hosts.filter(
    ({ findings, state }) => findings.length === 0 && state !== 'healthy',
  );

  function lines({ severity, what, evidence, fix, alsoSeen }: HostFinding): readonly string[] {
    const indent = ' '.repeat(11);
    return [
      `  ${paint(STYLES[severity], severity.padEnd(8))} ${what}`,
      ...evidence.split('\n').map((line) => `${indent}${line}`),
      `${indent}${paint('bold', 'fix:')} ${fix}`,
      ...alsoSeen.map((other) => `${indent}felt by ${other.host}: ${other.evidence}`),
    ];
  }

  return [
    ...sick.flatMap((host) => [
      paint('bold', `${host.host}${host.state === 'unreachable' ? ' (unreachable)' : ''}`),
      ...host.findings.flatMap(lines),
      '',
    ]),
    ...(feeling.length > 0 ? [`in trouble by others: ${namesOf(feeling)}`] : []),
    ...(well.length > 0 ? [`${paint('green', 'healthy')}: ${namesOf(well)}`] : []),
    ...(sick.length + feeling.length + well.length > 0 ? [''] : []),
    `${plural(hosts.length, 'host')}: ${summary(hosts)}, ${seconds.toFixed(1)} s`,
    '',
  ].join('\n');
}

/** How many findings of a severity there are. */
export function countOf(hosts: readonly HostHealth[], severity: Severity): number {
  return hosts.flatMap(({ findings }) => findings).filter((each) => each.severity === severity)
    .length;
}

function summary(hosts: readonly HostHealth[]): string {
  const counts = SEVERITIES.map((severity) => [countOf(hosts, severity), severity] as const);
  const some = counts.filter(([count]) => count > 0);
  return some.length === 0
    ? 'nothing found'
    : some.map(([count, severity]) => plural(count, severity)).join(', ');
}

function worstFirst(a: HostHealth, b: HostHealth): number {
  const order = (host: HostHealth): number =>
    host.state === 'unreachable' ? -1 : SEVERITIES.indexOf(host.findings[0]?.severity ?? 'note');
  return order(a) - order(b);
}

function namesOf(hosts: readonly HostHealth[]): string {
  return hosts.map(({ host }) => host).join(', ');
}
