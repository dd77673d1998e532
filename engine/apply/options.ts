import type { Inventory } from '../contract/inventory.ts';
import type { ReadyPlay } from '../contract/task.ts';
import type { Connect } from '../contract/transport.ts';
import type { TrialKinds } from '../contract/trial_kind.ts';
import type { HostSummary, Report } from '../events/event.ts';
import type { Proved } from '../proofs/prove.ts';
import type { Redact } from '../script/redact.ts';
import type { Operator } from './new_holder.ts';

/** What a run needs; everything that touches the outside is handed in. */
export interface RunOptions {
  readonly mode: 'apply' | 'dry run';
  readonly inventory: Inventory;
  readonly plays: readonly ReadyPlay[];
  readonly playbook: string;
  /** How many hosts are worked on at a time. */
  readonly forks: number;
  readonly connect: Connect;
  /** How the trials of the extension are made. */
  readonly trialKinds: TrialKinds;
  readonly report: Report;
  /** Masks secrets in what is kept on hosts; none unless set. */
  readonly redact?: Redact;
  /** Asked once, when there is something to do, before the first host is changed. */
  readonly confirm: () => Promise<boolean>;
  /** Aborted when the user asks to stop. */
  readonly stop: AbortSignal;
  /** Who runs it, for the lock on hosts. */
  readonly operator: Operator;
  /** Whether changes that would cut somebody off wait until he is gone. */
  readonly inUse: 'wait' | 'kick';
  /** Whether an error inside lava-play says where in the program it came from. */
  readonly stacks: 'shown' | 'hidden';
  /** When services are asked for the proofs of modules: `after changes` unless set. */
  readonly proofs?: 'after changes' | 'always';
}

/** How a run ended. */
export interface RunResult {
  readonly hosts: readonly HostSummary[];
  readonly end: 'complete' | 'declined' | 'interrupted';
  /** What services said of themselves at the end. */
  readonly proofs: readonly Proved[];
}
