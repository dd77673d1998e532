import { type Change, Deferred, Refused, type Resource, type Warning } from '../../engine/sdk.ts';
import {
  databaseProbe,
  type MasterDatabase,
  parseDatabase,
  type Queries,
  type Row,
  troubleOf,
} from './database_probe.ts';
import { djangoStep } from './master_python.ts';

/** What the master's database answered, by query. */
export type Rows = Readonly<Record<string, readonly Row[]>>;

/** One thing that the master has registered, or should have. */
export interface Registration {
  /** Unique on the master: `worker worker01 of LAVA`. */
  readonly id: string;
  /** Nothing when the master has it right. */
  difference(rows: Rows): Difference | undefined;
  warnings?(rows: Rows): readonly Warning[];
}

/** What is wrong with a registration. */
export interface Difference {
  readonly before: string;
  readonly after: string;
  /** Whether it is there at all, such as `missing` and `device`. */
  readonly labels?: readonly [before: string, after: string];
  /** What the Python snippet is told to do about it. */
  readonly action: Readonly<Record<string, unknown>>;
  /** What is proved when LAVA has it so. */
  readonly proves?: string;
  /** Who would be cut off by it now. */
  readonly deferred?: string;
}

/** What the registrations of a module are read and made with. */
export interface Registry {
  readonly queries: Queries;
  /** The report's words for making them: `register workers`. */
  readonly title: string;
  /** Python that goes through `given`, the list of actions, inside Django. */
  readonly python: string;
}

/**
 * Registrations as resources that are read by one probe and made by one process.
 *
 * Django takes a second to start, so the first that has to be made makes all of them, but for those that wait.
 */
export function registered(
  registrations: readonly Registration[],
  { queries, title, python }: Registry,
): readonly Resource<MasterDatabase>[] {
  return registrations.map((registration) => ({
    id: registration.id,
    probe: databaseProbe(queries),
    parse: parseDatabase,
    change(now) {
      const rows = rowsOf(now);
      const own = registration.difference(rows);
      if (!own) return undefined;
      const { deferred, action } = own;
      if (deferred !== undefined) {
        throw new Deferred(deferred, changeOf(own, [djangoStep(title, python, [action])]));
      }
      const ready = registrations.flatMap((each) => {
        const difference = each === registration ? own : each.difference(rows);
        return difference && difference.deferred === undefined ? [{ each, difference }] : [];
      });
      const isFirst = ready[0]?.each === registration;
      const actions = ready.map(({ difference }) => difference.action);
      return changeOf(own, isFirst ? [djangoStep(title, python, actions)] : []);
    },
    warnings: (now) => (now.kind === 'answered' ? (registration.warnings?.(now.rows) ?? []) : []),
  }));
}

function changeOf(
  { before, after, labels, proves }: Difference,
  steps: Change['steps'],
): Change<never> {
  return {
    ...{ before, after, steps },
    ...(labels && { labels }),
    ...(proves !== undefined && { proves }),
  };
}

function rowsOf(now: MasterDatabase): Rows {
  if (now.kind === 'answered') return now.rows;
  throw new Refused(`cannot read what LAVA has registered: ${troubleOf(now)}`);
}

/** The lines of two texts that differ: what a map says before and after, as a diff shows it. */
export function changedLines(
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): Pick<Difference, 'before' | 'after'> {
  const lines = (map: Readonly<Record<string, string>>, other: typeof map): string =>
    Object.entries(map)
      .filter(([key, value]) => value !== '' && value !== other[key])
      .map(([key, value]) => `${key}: ${value}\n`)
      .join('');
  return { before: lines(before, after), after: lines(after, before) };
}
