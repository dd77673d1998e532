import { setMaxListeners } from 'node:events';
import { EXIT } from './command.ts';

/** What the user's wish to stop aborts. */
export interface Stopping {
  /** From the first call on, signals abort it; before, they end the process. */
  signal(): AbortSignal;
  stop(): void;
}

/**
 * Aborts at the first Ctrl-C, SIGTERM or SIGHUP; the second ends the process, and the hosts notice the lost connection.
 *
 * Signals are caught once somebody has asked for what they abort: until then, such as while a large file is read in one
 * go, they end the process as they end any other.
 */
export function stopAtSignals(): Stopping {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  let signals = 0;
  let isWatching = false;
  const onSignal = (): void => {
    signals += 1;
    if (signals > 1) process.exit(EXIT.interrupted);
    controller.abort();
  };
  return {
    signal() {
      if (!isWatching)
        for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, onSignal);
      isWatching = true;
      return controller.signal;
    },
    stop: () => controller.abort(),
  };
}
