/** What a module threw, with the line of its own file where the stack has one: `x is not defined (lab_time/module.js:12)`. */
export function saidBy(error: unknown, module: string | undefined): string {
  const place = module === undefined ? undefined : placeIn(error, module);
  const said = error instanceof Error ? error.message : String(error);
  return place === undefined ? said : `${said} (${place})`;
}

/** The stack of an error that nobody foresaw, for whoever wants to see where it came from. */
export function stackOf(error: unknown): string | undefined {
  return error instanceof Error ? error.stack : undefined;
}

/** The first line of the stack that stands in the module's file, or in another one beside it. */
function placeIn(error: unknown, module: string): string | undefined {
  const own = new RegExp(`/(${module}(?:/[\\w.-]+)?\\.(?:m?js|ts):\\d+):\\d+\\)?$`, 'm');
  return own.exec(stackOf(error) ?? '')?.[1];
}
