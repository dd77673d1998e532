import { Listr, type ListrTask } from 'listr2';
import type { Event } from '../events/event.ts';
import type { Reporter, Write } from './reporter.ts';
import { plural, type TextOptions, textWriter } from './text.ts';
import { visibly } from './visible.ts';

/** A line of the progress display that ends when its host has. */
interface Progress {
  title: string;
  readonly done: Promise<void>;
  finish(): void;
  show(title: string): void;
}

/**
 * Live progress on a terminal: a line a host while hosts are read and while they are changed, with
 * the lasting lines written between the two.
 */
export function ttyReporter(write: Write, options: TextOptions & { rows: number }): Reporter {
  const writer = textWriter(options);
  const kept: string[] = [];
  let drawn: Promise<unknown> = Promise.resolve();
  let running = new Map<string, Progress>();

  function start(heading: string, hosts: readonly string[]): void {
    finishAll();
    const lines = new Map(hosts.map((host) => [host, progress(host)]));
    running = lines;
    const tasks =
      hosts.length <= options.rows - 4
        ? [...lines].map(([, line]) => lineTask(line))
        : [countTask(heading, [...lines.values()])];
    drawn = drawn
      .then(flush)
      .then(() =>
        new Listr(tasks, {
          concurrent: true,
          exitOnError: false,
          registerSignalListeners: false,
        }).run(),
      )
      .then(flush);
  }

  function finishAll(): void {
    for (const line of running.values()) line.finish();
  }

  function flush(): void {
    for (const line of kept.splice(0)) write(`${line}\n`);
  }

  return {
    report(event) {
      kept.push(...writer.lines(event));
      if (event.type === 'run-started') start('Reading hosts', event.hosts);
      if (event.type === 'play-started') start(event.play, event.hosts);
      advance(visibly(event), running);
      if (event.type === 'run-finished' || event.type === 'interrupted') {
        finishAll();
        drawn = drawn.then(flush);
      }
    },
    async settled() {
      finishAll();
      await drawn;
      flush();
    },
  };
}

function advance(event: Event, running: ReadonlyMap<string, Progress>): void {
  if (event.type === 'host-finished') {
    running.get(event.summary.host)?.finish();
    return;
  }
  if (!('host' in event)) return;
  const line = running.get(event.host);
  if (!line) return;
  if (event.type === 'host-connecting') line.show(`${event.host}: connecting`);
  if (event.type === 'host-connected') line.show(`${event.host}: reading`);
  if (event.type === 'step-started') line.show(`${event.host}: ${event.step}`);
  if (event.type === 'handler-started') line.show(`${event.host}: ${event.handler}`);
  if (event.type === 'host-planned' && event.round === 1) {
    line.show(`${event.host}: ${plural(event.changes.length, 'change')}`);
    line.finish();
  }
  if (['host-failed', 'host-skipped', 'host-applied'].includes(event.type)) line.finish();
}

function progress(host: string): Progress {
  const { promise, resolve } = deferred();
  const line: Progress = {
    title: host,
    done: promise,
    finish: resolve,
    show(title) {
      line.title = title;
    },
  };
  return line;
}

function lineTask(line: Progress): ListrTask {
  return {
    title: line.title,
    task: async (_context, task) => {
      line.show = (title) => {
        task.title = title;
      };
      task.title = line.title;
      await line.done;
    },
  };
}

function countTask(heading: string, lines: readonly Progress[]): ListrTask {
  return {
    title: heading,
    task: async (_context, task) => {
      let done = 0;
      await Promise.all(
        lines.map(async (line) => {
          await line.done;
          done += 1;
          task.title = `${heading}: ${done} of ${lines.length} hosts`;
        }),
      );
    },
  };
}

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve: () => void = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
