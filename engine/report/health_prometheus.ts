import type { LabHealth, Severity } from '../contract/finding.ts';

interface Metric {
  readonly name: string;
  readonly help: string;
  readonly samples: readonly {
    readonly labels: Readonly<Record<string, string>>;
    readonly value: number;
  }[];
}

const SEVERITIES: readonly Severity[] = ['problem', 'warning', 'note'];

/** What the figures of hosts mean; one that is not named here explains itself by its name. */
const HELP = {
  clock_ahead_seconds: "How far the host's clock is ahead of that of the checking machine",
  var_lib_free_bytes: 'Free space on the disk that holds /var/lib',
};

/** The health of a lab for node_exporter's textfile collector (Prometheus text format 0.0.4); docs/check.md names the metrics. */
export function healthPrometheus(
  { hosts, time, seconds }: LabHealth,
  figuresInWords: Readonly<Record<string, string>>,
): string {
  const help: Readonly<Record<string, string>> = { ...HELP, ...figuresInWords };
  const figures = new Set(hosts.flatMap((host) => host.figures.map(({ name }) => name)));
  const metrics: readonly Metric[] = [
    {
      name: 'check_time_seconds',
      help: 'When the lab was last checked',
      samples: [{ labels: {}, value: Date.parse(time) / 1000 }],
    },
    {
      name: 'check_duration_seconds',
      help: 'How long the check took',
      samples: [{ labels: {}, value: seconds }],
    },
    {
      name: 'host_up',
      help: 'Whether the host could be reached',
      samples: hosts.map(({ host, state }) => ({
        labels: { host },
        value: state === 'unreachable' ? 0 : 1,
      })),
    },
    {
      name: 'host_findings',
      help: 'How many findings a host has',
      samples: hosts.flatMap(({ host, findings }) =>
        SEVERITIES.map((severity) => ({
          labels: { host, severity },
          value: findings.filter((finding) => finding.severity === severity).length,
        })),
      ),
    },
    {
      name: 'finding',
      help: 'One for each finding',
      samples: unique(
        hosts.flatMap(({ host, findings }) =>
          findings.map(({ check, severity, subject = '' }) => ({ host, check, severity, subject })),
        ),
      ).map((labels) => ({ labels, value: 1 })),
    },
    ...[...figures].toSorted().map((name) => ({
      name: `host_${name}`,
      help: help[name] ?? name.replaceAll('_', ' '),
      samples: hosts.flatMap(({ host, figures: own }) =>
        own
          .filter((figure) => figure.name === name)
          .map(({ value }) => ({ labels: { host }, value })),
      ),
    })),
  ];
  return metrics.map(textOf).join('');
}

function textOf({ name, help, samples }: Metric): string {
  const full = `lava_play_${name}`;
  const lines = samples.map(({ labels, value }) => {
    const pairs = Object.entries(labels).map(([key, text]) => `${key}="${escaped(text)}"`);
    return `${full}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${value}\n`;
  });
  return `# HELP ${full} ${help}\n# TYPE ${full} gauge\n${lines.join('')}`;
}

/** Two samples with the same labels would make the whole file void. */
function unique<T>(labels: readonly T[]): readonly T[] {
  return [...new Map(labels.map((each) => [JSON.stringify(each), each])).values()];
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
