import { parseAst } from 'vitest/node';

/** A statement, as far as it is looked at. */
interface Statement {
  readonly type: string;
  readonly declare?: boolean;
  readonly exportKind?: string;
  readonly declaration?: unknown;
}

/** What a compiler leaves out; imports are no code of the file itself. */
const NO_CODE = ['ImportDeclaration', 'TSInterfaceDeclaration', 'TSTypeAliasDeclaration'];

/** Whether a TypeScript file has anything that runs, not types alone. */
export function hasCode(text: string): boolean {
  return parseAst(text, { lang: 'ts' }).body.some((each) => runs(each as Statement));
}

function runs({ type, declare, exportKind, declaration }: Statement): boolean {
  if (NO_CODE.includes(type) || declare || exportKind === 'type') return false;
  return declaration ? runs(declaration as Statement) : true;
}
