import type { Extension } from '../../contract/extension.ts';
import { connectionVariables, hostVariables } from './schema.ts';

/** The names under which a connection setting may be given. */
export const connectionNames: readonly string[] = Object.values(connectionVariables).flatMap(
  ({ names }) => names,
);

/** Variables with a meaning beside the connection settings, with their schemas. */
export function variablesOf({ variables }: Extension): Extension['variables'] {
  return { ...variables, ...hostVariables };
}
