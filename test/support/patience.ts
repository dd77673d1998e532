import { availableParallelism, loadavg } from 'node:os';

/** A limit for something that should come. */
export interface Patience {
  isOver(): boolean;
}

/**
 * A limit that counts time as an idle machine has it: where ten processes wait for each processor, a second is a tenth
 * of one. It has to be asked again and again, because that changes.
 */
export function patience(milliseconds: number): Patience {
  let left = milliseconds;
  let last = performance.now();
  return {
    isOver() {
      const now = performance.now();
      left -= (now - last) / waitingForEachProcessor();
      last = now;
      return left < 0;
    },
  };
}

function waitingForEachProcessor(): number {
  const [lastMinute = 0] = loadavg();
  return Math.max(1, lastMinute / availableParallelism());
}
