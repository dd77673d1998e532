import { expect, test } from 'vitest';
import { hiddenImports, importsOf } from './import_graph.ts';

test.each([
  [
    'a comment with punctuation in the braces',
    "import { a, /* it's } from 'b'; */ c } from './x.ts';",
  ],
  ['a comment before the name', "export * from // it's\n './x.ts';"],
  ['attributes', "await import('./x.ts', { with: {} });"],
  ['a comment in the call', "await import(/* a */ './x.ts' /* ) */);"],
  ['double quotes', 'import { a } from "./x.ts";'],
  ['a second one in a line', "const a = 1; import b from './x.ts';"],
  ['a strange name', "import { 'a-b' as c } from './x.ts';"],
  ['import = require', "import a = require('./x.ts');"],
  ['a type', "type A = typeof import('./x.ts');"],
  ['a module that is declared', "declare module './x.ts' {}"],
  ['a quote in a regular expression before it', "const a = /['\"`/*]/; import './x.ts';"],
])('an import is seen with %s', (_, text) => {
  expect(importsOf('lab/y.ts', text)).toEqual(['lab/x.ts']);
  expect(hiddenImports(text)).toEqual([]);
});

test.each([
  ["const a = require('./x.ts');", 'require'],
  ["process.mainModule.require('./x.ts');", 'require'],
  ["import { createRequire as c } from 'node:module';", 'createRequire'],
  ["process.getBuiltinModule('node:fs');", 'getBuiltinModule'],
  ["process['getBuiltinModule']('node:fs');", 'getBuiltinModule'],
  ['process[`getBuiltinModule`]("node:fs");', 'getBuiltinModule'],
  ['eval("1");', 'eval'],
  ['export {};\ndeclare global { var a: string; }', 'declare global'],
  ['new Function("return 1");', 'Function'],
  ['/// <reference path="./x.ts" />', '/// <reference'],
  ["/** @import { A } from './x.ts' */", '@import'],
  ["/** @type {import('./x.ts').A} */", "import('"],
  ['// \'ä😀\'\n/** @type {import ( "./x.ts").A} */', 'import ( "'],
])('what loads without an import that can be seen is found: %s', (text, words) => {
  expect(hiddenImports(text)).toEqual([words]);
});

test('an import is seen in whatever form it is written', () => {
  const text = [
    "import a from './a.ts';",
    "import b, { type c } from '../b.ts';",
    "import * as d from 'node:fs';",
    "import 'bare';",
    "export * from './e.ts';",
    "export type { F } from './f.ts';",
    "type G = import('./g.ts').G;",
    'const text = "import x from \'./not.ts\'";',
    'const more = "ä😀: /// <reference, @import and import(\'./not.ts\')";',
    "// import y from './commented.ts'",
  ].join('\n');
  expect(importsOf('lab/x/y.ts', text)).toEqual([
    ...['lab/x/a.ts', 'lab/b.ts', 'node:fs', 'bare'],
    ...['lab/x/e.ts', 'lab/x/f.ts', 'lab/x/g.ts'],
  ]);
  expect(hiddenImports(text)).toEqual([]);
});
