import { spawnSync } from 'node:child_process';
import fc from 'fast-check';

/** Whether this machine has what LAVA reads device dictionaries with. */
export const hasJinja = spawnSync('python3', ['-c', 'import jinja2, yaml']).status === 0;

/** What Jinja and, where asked, YAML make of templates; all in one process, because Python is slow to start. */
export function python(program: string, input: unknown): readonly unknown[] {
  const { stdout, stderr } = spawnSync('python3', ['-c', `${PROLOGUE}${program}`], {
    input: JSON.stringify(input),
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (stderr !== '') throw new Error(stderr);
  return JSON.parse(stdout);
}

const PROLOGUE = `import json, sys, yaml
from jinja2.sandbox import SandboxedEnvironment
environment = SandboxedEnvironment(autoescape=False, trim_blocks=True)
given = json.load(sys.stdin)
def answer(function):
    print(json.dumps([function(each) for each in given]))
`;

/** Texts in which something means something to Jinja, YAML or Python. */
export const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom(...'\'"\\{}%#: \n\t\r-[],&*!|>@`u0x\u0085\u2028é😀\u007f') }),
);

/** Enough of them for one question to Python. */
export function some<T>(arbitrary: fc.Arbitrary<T>): readonly T[] {
  return fc.sample(arbitrary, 500);
}
