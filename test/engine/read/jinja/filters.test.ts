import { expect, test } from 'vitest';
import { filterNames, filters } from '../../../../engine/read/jinja/filters.ts';

test('the filters that public LAVA roles use are there', () => {
  const used =
    'default d join map select reject selectattr rejectattr lower upper trim replace regex_replace regex_search regex_findall b64encode b64decode to_json to_nice_json from_json to_yaml to_nice_yaml from_yaml int float string bool list unique sort first last min max sum length count dict2items items2dict combine union intersect difference flatten split basename dirname quote hash ternary';
  expect(used.split(' ').filter((name) => !filterNames().includes(name))).toEqual([]);
});

test('refused ones are known, but not listed', () => {
  expect(filters.has('password_hash')).toBe(true);
  expect(filterNames()).not.toContain('password_hash');
});
