import { expect, test } from 'vitest';
import { refusalOf, worth } from '../../../support/jinja_expression.ts';

test.each([
  ["'a b' | split | last | upper", 'B'],
  ["5 | replace('5', '6')", '6'],
  ["'%s' | format('a')", 'a'],
  ["'a\\n\\nb' | indent(2, blank=true)", 'a\n  \n  b'],
  ["'a b c d e f g' | truncate(5, leeway=0)", 'a...'],
  ['none | quote', "''"],
  ["'/a/b/' | basename ~ ('/a/b' | dirname)", '/a'],
  ["'/a' | dirname ~ ('a' | dirname)", '/'],
  ["'.bashrc' | splitext", ['.bashrc', '']],
  ["'/etc/a' | relpath('/etc/b')", '../a'],
  ["'aXbX' | regex_replace('x', '-', ignorecase=true)", 'a-b-'],
  ["'k=v' | regex_search('(?P<k>\\\\w)=(\\\\w)', '\\\\g<k>', '\\\\2')", ['k', 'v']],
  ["'a1' | regex_search('z')", null],
  ["'a.b' | regex_escape", 'a\\.b'],
  ["'a/b ?' | urlencode", 'a/b%20%3F'],
  ["'aa bb cc' | wordwrap(5)", 'aa bb\ncc'],
  ["'x' | comment(decoration='; ')", ';\n; x\n;'],
])('%s', (text, wanted) => {
  expect(worth(text)).toEqual(wanted);
});

test.each([
  ["'a' | regex_search('(', '1')", 'is not a regular expression'],
  ["'a' | regex_search('(a)', '1')", 'a group is named'],
  ["'a' | comment('xml')", "the style 'xml' is not supported"],
  ["'a' | regex_replace", 'nothing'],
])('%s is refused', (text, wanted) => {
  if (wanted === 'nothing') expect(worth(text)).toBe('a');
  else expect(refusalOf(text)).toContain(wanted);
});
