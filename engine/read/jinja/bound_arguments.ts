import { suggest } from '../../contract/problems.ts';
import { nearest } from '../../values/nearest.ts';
import { describe } from '../../values/values.ts';
import type { Arguments } from './nodes.ts';
import { badTemplate, wrongType } from './refusal.ts';
import { demand, isUndefined, numberOf, truth } from './values.ts';

/** Arguments by the names of their parameters. */
export interface Bound {
  /** The argument as it was given; undefined without one. */
  any(name: string): unknown;
  text(name: string): string;
  optionalText(name: string, absent: string): string;
  optionalNumber(name: string, absent: number): number;
  flag(name: string, absent?: 'true'): boolean;
}

/** Gives arguments the names of their parameters, as Python does; one too many or unknown is refused. */
export function bound(args: Arguments<unknown>, ...parameters: readonly string[]): Bound {
  const values = new Map<string, unknown>();
  for (const [index, value] of args.positional.entries()) {
    const name = parameters[index];
    if (name === undefined) {
      const most = parameters.length;
      throw badTemplate(
        most === 0
          ? 'this takes no arguments'
          : `this takes ${most} ${most === 1 ? 'argument' : 'arguments'} at most`,
      );
    }
    values.set(name, value);
  }
  for (const [name, value] of args.named) {
    if (!parameters.includes(name)) {
      const hint = suggest(nearest(name, parameters), parameters);
      throw badTemplate(`there is no argument '${name}' here`, hint);
    }
    values.set(name, value);
  }
  const any = (name: string): unknown => {
    const value = values.get(name);
    return isUndefined(value) ? demand(value) : value;
  };
  function text(name: string): string {
    const value = any(name);
    if (typeof value === 'string') return value;
    if (value === undefined) throw badTemplate(`the argument '${name}' is missing`);
    throw wrongType(
      `the argument '${name}' must be a text, not ${describe(numberOf(value) ?? value)}`,
    );
  }
  return {
    any,
    text,
    optionalText: (name, absent) => (any(name) === undefined ? absent : text(name)),
    optionalNumber(name, absent) {
      const value = any(name);
      if (value === undefined || value === null) return absent;
      const number = numberOf(value);
      if (number !== undefined) return number;
      throw wrongType(`the argument '${name}' must be a number, not ${describe(value)}`);
    },
    flag(name, absent) {
      const value = any(name);
      return value === undefined ? absent === 'true' : truth(value);
    },
  };
}
