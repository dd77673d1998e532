import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { editPgHba, type Grant } from '../../modules/postgres_allow_remote/pg_hba.ts';
import {
  editPostgresqlConf,
  editStartConf,
} from '../../modules/postgres_allow_remote/postgresql_conf.ts';

const OLD_GRANT = 'host    all    all    0.0.0.0/0    trust';
const MARK = 'lava-play postgres_allow_remote';

const foreignLine = fc.oneof(
  fc.constantFrom(
    'local all all peer',
    '# host',
    '',
    '\thost all all 10.0.0.0/8 md5',
    'local a \\',
  ),
  fc.constantFrom('hostssl all all ::/0 reject', "include_dir 'more'", 'bröken \\', 'host\\'),
  fc.string().filter((line) => !/[\n\r]/.test(line) && !line.includes(MARK)),
);
const foreignText = fc
  .tuple(fc.array(foreignLine), fc.constantFrom('', '\n'))
  .map(([lines, end]) => lines.join('\n') + (lines.length > 0 ? end : ''))
  .filter((text) => !/host[ \t]+all[ \t]+all[ \t]+0\.0\.0\.0\/0[ \t]+trust/.test(text));
const grant: fc.Arbitrary<Grant> = fc.record({
  database: fc.constantFrom('lavaserver', 'all', 'a "b"'),
  user: fc.constantFrom('lavaserver', '+admins'),
  addresses: fc.array(fc.constantFrom('192.0.2.1/32', '2001:db8::1/128', 'w.lab.example')),
  tls: fc.constantFrom('allow', 'require'),
});

describe('pg_hba.conf', () => {
  test('editing twice is editing once', () => {
    fc.assert(
      fc.property(foreignText, grant, (text, wanted) => {
        const once = editPgHba(text, wanted);
        expect(editPgHba(once, wanted)).toBe(once);
      }),
    );
  });

  test('lines of another instance stay, and nothing moves, whoever was applied last', () => {
    fc.assert(
      fc.property(foreignText, grant, grant, (text, one, two) => {
        fc.pre(one.database !== two.database || one.user !== two.user);
        fc.pre(text.endsWith('\n'));
        const both = editPgHba(editPgHba(text, one), two);
        expect(editPgHba(both, one)).toBe(both);
        expect(editPgHba(both, two)).toBe(both);
        const alone = editPgHba(both, { ...two, addresses: [] });
        expect(alone).toBe(editPgHba(editPgHba(text, { ...two, addresses: [] }), one));
      }),
    );
  });

  test('the text of others stays as it is, byte for byte', () => {
    fc.assert(
      fc.property(foreignText, grant, (text, wanted) => {
        const edited = editPgHba(text, wanted);
        const foreign = editPgHba(edited, { ...wanted, addresses: [] });
        expect([text, `${text}\n`]).toContain(foreign);
      }),
    );
  });

  test.each([
    ['all', '"all"'],
    ['Replication', '"Replication"'],
    ['samehost', '"samehost"'],
    ['+admins', '"+admins"'],
    ['@file', '"@file"'],
    ['/regex', '"/regex"'],
    ['a "b"', '"a ""b"""'],
    ['a,b', '"a,b"'],
    ['lava-kernel_lab', 'lava-kernel_lab'],
  ])('a database or role that is called %s is meant by that name alone', (name, quoted) => {
    const wanted: Grant = { database: name, user: name, addresses: ['::1/128'], tls: 'require' };
    expect(editPgHba('', wanted).split('\n')[1]).toBe(
      `hostssl ${quoted} ${quoted} ::1/128 scram-sha-256`,
    );
  });

  test('a line about network clients that begins with a continued empty line is one', () => {
    const text = '\\\n\thost all all 10.0.0.0/8 md5\n';
    const wanted: Grant = { database: 'd', user: 'u', addresses: ['192.0.2.1/32'], tls: 'allow' };
    expect(editPgHba(text, wanted).endsWith(text)).toBe(true);
  });

  test('no line about network clients comes before ours', () => {
    fc.assert(
      fc.property(foreignText, grant, (text, wanted) => {
        fc.pre(wanted.addresses.length > 0);
        const [head = ''] = editPgHba(text, wanted).split(`# BEGIN ${MARK}`);
        const joined = head.replace(/\\\r?\n/g, ' ');
        expect(joined.split('\n').filter((line) => /^\s*(host|include)/i.test(line))).toEqual([]);
      }),
    );
  });

  test('the line that admits everybody goes wherever it stands', () => {
    fc.assert(
      fc.property(foreignText, foreignText, grant, (above, below, wanted) => {
        fc.pre((above === '' || above.endsWith('\n')) && !/\\\n$/.test(above));
        const edited = editPgHba(`${above}${OLD_GRANT}\n${below}`, wanted);
        expect(edited).toBe(editPgHba(above + below, wanted));
      }),
    );
  });
});

describe('other files of a cluster', () => {
  test('postgresql.conf and start.conf are settled after one edit', () => {
    const line = fc.constantFrom(
      "include_dir = 'conf.d'",
      "include_dir='/etc/postgresql/15/main/conf.d' # more",
      "listen_addresses = 'localhost'",
      "#listen_addresses = '*'",
      'auto',
      'manual # by hand',
      'disabled',
    );
    fc.assert(
      fc.property(fc.array(line), fc.constantFrom('', '\n'), (lines, end) => {
        const text = lines.join('\n') + end;
        for (const edit of [editPostgresqlConf, editStartConf]) {
          expect(edit(edit(text))).toBe(edit(text));
        }
        expect(editStartConf(text)).not.toMatch(/^(manual|disabled)/m);
      }),
    );
  });

  test.each([
    ["include_dir = 'conf.d'\n"],
    ["include_dir 'conf.d'   # include files ending in .conf\n"],
    ["listen_addresses = 'localhost'\ninclude_dir = '/etc/postgresql/15/main/conf.d/'\n"],
  ])('%j includes our file already', (text) => {
    expect(editPostgresqlConf(text)).toBe(text);
  });
});
