import { expect, test } from 'vitest';
import { boardMistakes } from '../../../lab/board/mistakes.ts';

function mistakes(boards: Readonly<Record<string, readonly object[]>>): readonly string[] {
  return boardMistakes(new Map(Object.entries(boards))).map(({ message }) => message);
}

const board = (name: string, serial?: object): object => ({ name, ...(serial && { serial }) });

test('a name is that of one board in the whole lab', () => {
  expect(mistakes({ w1: [board('a'), board('b')], w2: [board('a')] })).toEqual([
    "the lab has two boards with the name 'a'",
  ]);
});

test('a TCP port is that of one board of a worker; another worker has ports of its own', () => {
  const on = (name: string) => board(name, { tcp_port: 7001 });
  expect(mistakes({ w1: [on('a')], w2: [on('b')] })).toEqual([]);
  expect(mistakes({ w1: [on('a'), on('b')] })).toEqual([
    'w1 has two boards with the TCP port 7001',
  ]);
});

test('an adapter is that of one board, unless each has an interface of its own', () => {
  const by = (name: string, usb_interface?: number) =>
    board(name, { usb_serial: 'FT4', ...(usb_interface !== undefined && { usb_interface }) });
  expect(mistakes({ w1: [by('a', 0), by('b', 1)] })).toEqual([]);
  expect(mistakes({ w1: [by('a')], w2: [by('b')] })).toEqual([]);
  expect(mistakes({ w1: [by('a'), by('b')] })).toEqual(['w1 has two boards with the adapter FT4']);
  expect(mistakes({ w1: [by('a', 1), by('b', 1)] })).toEqual([
    'w1 has two boards with the adapter FT4 interface 1',
  ]);
});

test('what is not a list of boards says nothing', () => {
  expect(
    boardMistakes(
      new Map<string, unknown>([
        ['w1', undefined],
        ['w2', 'none'],
      ]),
    ),
  ).toEqual([]);
});
