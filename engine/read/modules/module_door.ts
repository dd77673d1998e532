import * as loader from 'node:module';

/** What modules import; found by this name wherever they lie, and whatever lies in a `node_modules` beside them. */
const DOOR = 'lava-play/module';

/** The way out for a module that takes the door by `require`, of which no hook of Node 20 is told. */
export const REQUIRED = `modules of lava-play are ES modules: import { … } from '${DOOR}'`;

const OUTSIDE = `modules import '${DOOR}', and nothing else of lava-play`;

/** A module whose exports are those of the running copy, which it finds by name, as it is loaded by a text alone. */
function doorUrl(exports: Exports): string {
  return asUrl(
    `export const { ${Object.keys(exports).join(', ')} } = globalThis[Symbol.for(${JSON.stringify(DOOR)})];`,
  );
}

/** What `answer` says, for a runtime that wants it said in a thread of its own. */
function answersUrl(door: string): string {
  return asUrl(`
export async function resolve(specifier, context, next) {
  if (specifier === ${JSON.stringify(DOOR)}) {
    return { url: ${JSON.stringify(door)}, format: 'module', shortCircuit: true };
  }
  if (/^lava-play(\\/|$)/.test(specifier)) {
    throw new Error("there is no '" + specifier + "': " + ${JSON.stringify(OUTSIDE)});
  }
  return next(specifier, context);
}`);
}

/** `module.registerHooks` of Node 22.15 and later; the types here are those of Node 20. */
type RegisterHooks = (hooks: {
  resolve(specifier: string, context: Context, next: Resolve): Resolved;
}) => void;

type Resolve = (specifier: string, context: Context) => Resolved;

interface Context {
  readonly conditions: readonly string[];
}

interface Resolved {
  readonly url: string;
  readonly format?: string;
  readonly shortCircuit?: boolean;
}

type Exports = Readonly<Record<string, unknown>>;

let isOpen = false;

/** Lets custom modules import `lava-play/module`, and gives them the exports of this very copy. */
export function openModuleDoor(exports: Exports): void {
  if (isOpen) return;
  isOpen = true;
  Object.assign(globalThis, { [Symbol.for(DOOR)]: exports });
  const door = doorUrl(exports);
  const { registerHooks } = loader as { readonly registerHooks?: RegisterHooks };
  if (registerHooks) {
    registerHooks({
      resolve: (specifier, context, next) =>
        answer(specifier, context, door) ?? next(specifier, context),
    });
  } else {
    loader.register(answersUrl(door));
  }
}

function answer(specifier: string, { conditions }: Context, door: string): Resolved | undefined {
  if (specifier === DOOR) {
    if (conditions.includes('require')) throw notFound();
    return { url: door, format: 'module', shortCircuit: true };
  }
  if (/^lava-play(\/|$)/.test(specifier)) {
    throw new Error(`there is no '${specifier}': ${OUTSIDE}`);
  }
  return undefined;
}

/** What Node 20 says by itself. */
function notFound(): Error {
  return Object.assign(new Error(`Cannot find module '${DOOR}'`), { code: 'MODULE_NOT_FOUND' });
}

function asUrl(text: string): string {
  return `data:text/javascript,${encodeURIComponent(text)}`;
}
