import { expect, test } from 'vitest';
import { InvalidInput } from '../../../../engine/contract/errors.ts';
import {
  badTemplate,
  fileSource,
  placed,
  Refusal,
  valueSource,
  wrongType,
} from '../../../../engine/read/jinja/refusal.ts';
import { mistakesOf } from '../../../support/lab_files.ts';

test('a refusal gets its place in a file', async () => {
  const source = fileSource('a\nb {{ c }}\n', 'x.j2');
  const [mistake] = await mistakesOf(() =>
    placed(source, () => {
      throw new Refusal({ code: 'unknown-name', message: 'm', hint: 'h' }, { start: 7, end: 8 });
    }),
  );
  expect(mistake).toEqual({
    code: 'unknown-name',
    message: 'm',
    hint: 'h',
    place: { file: 'x.j2', line: 2, column: 6, length: 1, text: 'b {{ c }}' },
  });
});

test('what is no refusal passes unchanged', () => {
  const own = new TypeError('mine');
  const fail = (error: Error) => () =>
    placed(valueSource('', undefined), () => {
      throw error;
    });
  expect(fail(own)).toThrow(own);
  expect(fail(wrongType('m'))).toThrow(InvalidInput);
});

test('in a condition what cannot be read is a bad condition', async () => {
  const [mistake] = await mistakesOf(() =>
    placed(
      valueSource('', undefined),
      () => {
        throw badTemplate('m');
      },
      'bad-condition',
    ),
  );
  expect(mistake?.code).toBe('bad-condition');
});
