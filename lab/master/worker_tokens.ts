import type { LabFact } from '../../engine/sdk.ts';
import { databaseProbe, parseDatabase } from './database_probe.ts';

/**
 * The token with which each worker speaks to the master, by the worker's name; nobody's while the
 * master has no LAVA or its database does not answer.
 *
 * The tokens are secrets: mask them wherever they are shown (class Worker of `lava_scheduler_app/models.py`, 2023.01).
 */
export const workerTokens: LabFact<ReadonlyMap<string, string>> = {
  of: 'master',
  probe: databaseProbe({
    workers: {
      reads: { lava_scheduler_app_worker: 'hostname token' },
      sql: 'SELECT hostname, token FROM lava_scheduler_app_worker',
    },
  }),
  parse(output) {
    const state = parseDatabase(output);
    const rows = state.kind === 'answered' ? (state.rows.workers ?? []) : [];
    return new Map(rows.map(({ hostname, token }) => [String(hostname), String(token)]));
  },
};
