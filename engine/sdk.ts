/**
 * The door for modules, `lava-play/module`: what they are made of, and what they say of hosts.
 *
 * docs/module-reference.md describes each name.
 */

// A module, and what it may throw

export type { Action, Said } from './contract/action.ts';
export {
  type AnyModule,
  type ControllerFile,
  type ControllerFiles,
  defineModule,
  type Fact,
  type HostView,
  type LabAnswers,
  type LabFact,
  type LabView,
  type Module,
  type NeededFile,
  Pending,
  type Survey,
} from './contract/module.ts';
export type { Change, Handler, Recorded, Resource, Step, Warning } from './contract/resource.ts';
export { Deferred, isRefused, NOT_NOW, Refused } from './contract/resource.ts';
export type { ObjectSchema, Schema, UnionSchema } from './contract/schema.ts';

// Resources and handlers

export { absent } from './resources/absent.ts';
export { type ActionOptions, action } from './resources/action.ts';
export { ancestors } from './resources/ancestors.ts';
export {
  freshLists,
  LISTS_ARE_FRESH,
  listsReadWithin,
  UPDATE_LISTS,
} from './resources/apt_lists.ts';
export { attributeArguments } from './resources/attribute_arguments.ts';
export { command } from './resources/command.ts';
export { copied } from './resources/copied.ts';
export { directory } from './resources/directory.ts';
export { file } from './resources/file.ts';
export { folderGone } from './resources/folder_gone.ts';
export { group } from './resources/group.ts';
export { daemonReload, handler, readUnitFiles, reload, restart } from './resources/handlers.ts';
export { listening, restartUntilListening } from './resources/listening.ts';
export { PREPARE_APT, pkg } from './resources/pkg.ts';
export {
  foldersTo,
  type Placing,
  placedAt,
  placedFile,
  placingArguments,
} from './resources/placed_file.ts';
export { type ReadingOptions, reading } from './resources/reading.ts';
export {
  RUN_ARGUMENTS,
  type RunOptions,
  run,
  STDIN_ARGUMENTS,
  scriptFor,
} from './resources/run.ts';
export { expandedWord, shellWords } from './resources/shell_words.ts';
export { symlink } from './resources/symlink.ts';
export { treeAttributes } from './resources/tree_attributes.ts';
export { unit } from './resources/unit.ts';
export { user } from './resources/user.ts';
export { validator } from './resources/validator.ts';

// Texts of files

export { shippedFile } from './read/installed/shipped_file.ts';
export { ownedBlock, setLine } from './resources/edit.ts';
export { header } from './resources/header.ts';
export { maskAfter } from './script/mask.ts';

// Shell

export { inFolderOf, keptInFolderOf, putBack, withTextOf } from './resources/careful.ts';
export { sha256 } from './script/digest.ts';
export { printText, quote, sh } from './script/shell.ts';

// Sockets and units

export {
  listenAddresses,
  parseSockets,
  peersOf,
  portWord,
  type Socket,
  socketsProbe,
} from './resources/sockets.ts';
export { unitEscaped } from './resources/unit_name.ts';
export {
  propertiesIn,
  propertyIn,
  showUnits,
  unitBlocks,
  unitProperty,
} from './resources/unit_state.ts';

// Health and proofs

export type { Figure, Finding, Thing } from './contract/finding.ts';
export type {
  HealthQuery,
  HostQuery,
  LabQuery,
  PathQuery,
} from './contract/health_query.ts';
export type { Proof, Shown, Trial } from './contract/trial.ts';
export { flawsOf } from './health/flaws.ts';
export { isRunning, runningUnits } from './health/running_units.ts';

// Words

export { ACCOUNT_NAME } from './values/account_name.ts';
export { bracketed, nameInKnownHosts, unbracketed } from './values/address.ts';
export { nearest } from './values/nearest.ts';
