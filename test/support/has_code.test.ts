import { expect, test } from 'vitest';
import { hasCode } from './has_code.ts';

test.each([
  '',
  '/** Nothing. */',
  "import { a } from './x.ts';",
  'interface A {}\ntype B = A;',
  'export interface A {}\nexport type B = A;',
  "export type { A } from './x.ts';",
  "export type * from './x.ts';",
  'declare const A: unique symbol;\nexport declare function a(): void;',
])('types alone are no code: %j', (text) => {
  expect(hasCode(text)).toBe(false);
});

test.each([
  'export function a() {}',
  'export interface A {}\nexport const a = 1;',
  'export default 1;',
  'export class A {}',
  "export { a } from './x.ts';",
  "export * from './x.ts';",
  'start();',
])('it is code: %j', (text) => {
  expect(hasCode(text)).toBe(true);
});
