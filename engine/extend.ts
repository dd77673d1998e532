/**
 * The door for lab/: the record by which a field plugs itself into the engine, and what its parts are made of.
 */
import type { Command } from './cli/command.ts';
import type { Extension } from './contract/extension.ts';

/** A field of work: what the engine is told of it, and the commands that it brings. */
export interface Field extends Extension {
  readonly commands: readonly Command[];
}

export type { RunResult } from './apply/options.ts';
export { run } from './apply/run.ts';
export { type Call, type Command, EXIT, type World } from './cli/command.ts';
export { healthExitCode, healthOptions, labHealth } from './cli/lab_health.ts';
export { forksOf } from './cli/options.ts';
export { inventorySources, type ReadLab, readLab, refuseMore } from './cli/read_lab.ts';
export { applyOptions, runAndTell, whenUnread } from './cli/run_lab.ts';
export { writeWholeFile } from './cli/write_whole_file.ts';
export { type Diagnostic, HostError, InvalidInput } from './contract/errors.ts';
export type { Members, Roles, TimedPath } from './contract/extension.ts';
export {
  type HostFinding,
  type HostHealth,
  type LabHealth,
  SEVERITY_RANK,
  type Severity,
} from './contract/finding.ts';
export type { Inventory } from './contract/inventory.ts';
export { type HostProblem, mergeByHost, suggest } from './contract/problems.ts';
export type { Session } from './contract/transport.ts';
export { type FieldTrial, fieldKind } from './contract/trial.ts';
export type { TrialKind } from './contract/trial_kind.ts';
export type { Event } from './events/event.ts';
export { redacting } from './events/redacting.ts';
export { askHttp, type Fetched, type HttpRequest, httpGet, type Page } from './proofs/http.ts';
export { packageRoot } from './read/installed/package_root.ts';
export type { PlacedGroup } from './read/inventory/layers.ts';
export { connectionVariables } from './read/inventory/schema.ts';
export { plural } from './report/text.ts';
export { visibleJson, visibly } from './report/visible.ts';
export { redactor } from './script/redact.ts';
export { connect } from './transport/connect.ts';
export { carryPlaces, type Place, placeOf, typedText } from './values/places.ts';
export { type Fields, field, isList, isMap } from './values/values.ts';
