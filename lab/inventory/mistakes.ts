import {
  type Diagnostic,
  type Fields,
  field,
  type Members,
  mergeByHost,
} from '../../engine/extend.ts';
import { boardMistakes } from '../board/mistakes.ts';
import { tunnelMistakes } from '../tunnel/through_tunnel.ts';

/** Mistakes that only show when all hosts are seen together. */
export function labMistakes(
  hosts: ReadonlyMap<string, Fields>,
  members: Members,
): readonly Diagnostic[] {
  const boards = new Map([...hosts].map(([name, vars]) => [name, field(vars, 'boards')]));
  const workers = new Map(members('workers').map((name) => [name, field(hosts.get(name), 'lava')]));
  const gates = [...new Set([...members('master'), ...members('gate')])];
  return [...boardMistakes(boards), ...mergeByHost(tunnelMistakes(workers, gates))];
}
