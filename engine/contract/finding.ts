/**
 * How bad it is: a `problem` fails jobs, cuts a host off or lets strangers in; a `warning` soon may; a
 * `note` is good to know and changes no exit code.
 */
export type Severity = 'problem' | 'warning' | 'note';

/** Severities in order, worst first. */
export const SEVERITY_RANK: Readonly<Record<Severity, number>> = {
  problem: 0,
  warning: 1,
  note: 2,
};

/** One thing that is not as it should be. */
export interface Finding {
  readonly severity: Severity;
  /** One sentence: what is wrong. */
  readonly what: string;
  /** The very line, address, unit or words of the log that show it; passwords are masked here, by position. */
  readonly evidence: string;
  /** What to do: a command, or a change of the inventory. */
  readonly fix: string;
  /**
   * What it is about: `board imx8mp-01`, `unit ser2net.service`, `file /etc/…`, `client worker01`.
   *
   * Of two findings about one subject of a host, one by a module and one by the engine's own checks of any host,
   * only the module's is told.
   */
  readonly subject?: string;
  /** The host that it is about, where that is not the one that asks. */
  readonly host?: string;
  /**
   * What others feel of it: paths of these kinds that do not work, of every host that leads here, or of this host.
   *
   * Their own findings about such a path are then told with this one.
   */
  readonly breaks?: {
    readonly kinds: readonly PathEnd['kind'][];
    /** The only host that feels it. */
    readonly only?: string;
    /** `from`: the paths that begin at this host are broken; those that lead to it unless set. */
    readonly ends?: 'from';
    /** The only part of the way that feels it. */
    readonly part?: string;
    /** With `from`: the only address that it is about, as this host writes it, such as the near end of a tunnel. */
    readonly at?: string;
  };
  /** A path whose trial from this host makes it a thing of the past, where it succeeds. */
  readonly until?: PathEnd['kind'];
  /** The path without which this has to be so; told with what breaks that path, where something does. */
  readonly towards?: PathEnd;
}

/** Where a path leads, and what for: the kind of a trial, or a kind that modules agree on. */
export interface PathEnd {
  readonly kind: string;
  readonly host: string;
  readonly port?: number;
  /** A host beyond, without whose answer there is none. */
  readonly beyond?: string;
  /** Where it is about one part of what goes that way, such as the jobs of one board. */
  readonly part?: string;
}

/** A finding with where it was found. */
export interface HostFinding extends Omit<Finding, 'breaks' | 'towards' | 'until'> {
  readonly host: string;
  /** The `id` of the question. */
  readonly check: string;
  /** Hosts that feel it too, in their words: who cannot reach what is down here. */
  readonly alsoSeen: readonly { readonly host: string; readonly evidence: string }[];
}

/** What a number about a host is called, for tables and for monitoring. */
export interface Figure {
  /** As a Prometheus metric without its prefix: `clock_offset_seconds`. */
  readonly name: string;
  readonly value: number;
}

/** How one thing of the lab is, whether all is well or not; for tables and maps. */
export interface Thing {
  /** What it is: `database`, `mount`; the kinds are an extension's. */
  readonly kind: string;
  /** Several kinds of things of one name belong together, such as a board and its console. */
  readonly name: string;
  /** In the words of who knows it: `Online`, `mounted`, `Idle`. */
  readonly state: string;
  /** `off` is meant to be out of use, such as a board in Maintenance. */
  readonly status: 'good' | 'warning' | 'bad' | 'off';
  /** The host that it belongs to, where that is not the one that was asked. */
  readonly host?: string;
  /** More of it, in the order to show: `{ port: 4001, client: '192.0.2.7' }`; times are seconds. */
  readonly details?: Readonly<Record<string, string | number>>;
}

/** How one host came out of a check. */
export interface HostHealth {
  readonly host: string;
  readonly groups: readonly string[];
  /** `unreachable` when it could not be asked at all. */
  readonly state: 'healthy' | 'problems' | 'unreachable';
  /** Worst first. */
  readonly findings: readonly HostFinding[];
  /** Ids of the checks that were carried out, in order. */
  readonly checks: readonly string[];
  readonly figures: readonly Figure[];
  /** What is on this host, whoever told of it. */
  readonly things: readonly Thing[];
  readonly scripts: number;
  readonly seconds: number;
}

/** How a whole lab came out of a check; what `check --json` prints, and what status and report draw. */
export interface LabHealth {
  readonly inventory: string;
  /** When it began, ISO 8601. */
  readonly time: string;
  readonly seconds: number;
  /** In the order of the inventory. */
  readonly hosts: readonly HostHealth[];
}
