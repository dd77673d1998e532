import { stripVTControlCharacters } from 'node:util';
import type { Reporter, TestModule } from 'vitest/node';

interface Flawed {
  readonly message: string;
  readonly diff?: string;
}

/** Ends a test run with what failed, a line each, and a line that any CI can read: `12 passed, 1 failed, 1 skipped`. */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly Flawed[]): void {
    const count = { passed: 0, failed: 0, skipped: 0, pending: 0 };
    const flaws: string[] = [];
    const fail = (where: string, failures: readonly Flawed[]): void => {
      count.failed += 1;
      flaws.push(`failed: ${where}: ${failures.map(inOneLine).join('; ')}`);
    };
    for (const module of modules) {
      const place = module.relativeModuleId;
      if (module.errors().length > 0) fail(place, module.errors());
      for (const suite of module.children.allSuites()) {
        if (suite.errors().length > 0) fail(`${place} > ${suite.fullName}`, suite.errors());
      }
      for (const test of module.children.allTests()) {
        const { state, errors: failures } = test.result();
        if (state === 'failed') fail(`${place} > ${test.fullName}`, failures);
        else count[state] += 1;
      }
    }
    for (const error of errors) fail('outside of a test', [error]);
    process.stdout.write(
      `\n${flaws.map((line) => `${line}\n`).join('')}${count.passed} passed, ${count.failed} failed, ${count.skipped + count.pending} skipped\n`,
    );
  }
}

/** The first line of the message, and what differs. */
function inOneLine({ message, diff = '' }: Flawed): string {
  const differing = stripVTControlCharacters(diff)
    .split('\n')
    .filter((line) => /^[-+] (?!Expected|Received)/.test(line));
  const [first = ''] = message.trim().split('\n');
  return [first, ...differing].join(' | ').slice(0, 1000);
}
