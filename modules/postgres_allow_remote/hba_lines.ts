import { networkOf } from '../../lab/database/clients.ts';
import { oneLine, recordsOf } from './pg_hba.ts';

/** A line of pg_hba.conf with a meaning. */
export interface HbaLine {
  /** Where it begins, from 1. */
  readonly number: number;
  readonly text: string;
  /** `local`, `host`, `hostssl`, `hostnossl`, …, or the word of an include. */
  readonly type: string;
  readonly database: string;
  readonly user: string;
  /** `192.0.2.0/24`, a host name, `samenet`; empty for `local`. */
  readonly address: string;
  readonly method: string;
  readonly where: 'loopback' | 'anywhere' | 'elsewhere';
}

/** Who knocks. */
export interface Client {
  /** IPv4. */
  readonly address: string;
  readonly database: string;
  readonly user: string;
}

/** Reads pg_hba.conf (PostgreSQL documentation, "The pg_hba.conf File"). */
export function hbaLines(text: string): readonly HbaLine[] {
  let number = 1;
  return recordsOf(text).flatMap((record) => {
    const begins = number;
    number += record.split('\n').length - 1;
    const line = oneLine(record).trim();
    const words = (line.match(/#.*|(?:"[^"]*"|[^\s,#])+(?:\s*,\s*(?:"[^"]*"|[^\s,#])+)*/g) ?? [])
      .filter((word) => !word.startsWith('#'))
      .map((word) => word.replaceAll('"', ''));
    const [type = '', database = '', user = '', ...rest] = words;
    if (type === '') return [];
    const [first = '', second = '', third = ''] = rest;
    const hasMask = /^\d+\.\d+\.\d+\.\d+$/.test(first) && /^\d+\.\d+\.\d+\.\d+$/.test(second);
    const address = type === 'local' ? '' : hasMask ? `${first}/${bitsOf(second)}` : first;
    const method = type === 'local' ? first : hasMask ? third : second;
    return [
      {
        number: begins,
        text: line,
        type,
        database,
        user,
        address,
        method,
        where: whereIs(address),
      },
    ];
  });
}

/** The line that decides about a client; nothing when none does, `unsure` when that takes a look at more than the file. */
export function decidingLine(
  lines: readonly HbaLine[],
  client: Client,
): HbaLine | 'unsure' | undefined {
  for (const line of lines) {
    if (/^include/.test(line.type)) return 'unsure';
    if (!/^host/.test(line.type)) continue;
    if (!names(line.database, client.database, 'sameuser') || !names(line.user, client.user))
      continue;
    if (line.address === 'all') return line;
    const network = networkOf(line.address);
    if (!network) return 'unsure';
    if (contains(network, client.address)) return line;
  }
  return undefined;
}

/** Lists and `all`; a group (`+role`), a file (`@file`) or a pattern (`/regex`) is taken for somebody else. */
function names(list: string, name: string, sameAs?: string): boolean {
  return list
    .split(',')
    .map((word) => word.trim())
    .some((word) => word === 'all' || word === name || (word === sameAs && sameAs !== undefined));
}

function contains(network: string, address: string): boolean {
  const [base = '', bits = ''] = network.split('/');
  if (base.includes(':')) return false;
  const size = 2 ** (32 - Number(bits));
  return Math.floor(numberOf(base) / size) === Math.floor(numberOf(address) / size);
}

function whereIs(address: string): HbaLine['where'] {
  if (/^(127\.|::1(\/|$)|localhost$|samehost$)/.test(address) || address === '') return 'loopback';
  return address === 'all' || /\/0$/.test(address) ? 'anywhere' : 'elsewhere';
}

function numberOf(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

function bitsOf(mask: string): number {
  return 32 - Math.round(Math.log2(2 ** 32 - numberOf(mask)));
}
