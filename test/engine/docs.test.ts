import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ANSIBLE_OPTIONS } from '../../engine/cli/ansible_options.ts';
import { ansibleHints, playSchema } from '../../engine/read/playbook/keywords.ts';
import {
  blockSchema,
  roleArgsSchema,
  taskSchema,
} from '../../engine/read/playbook/task_keywords.ts';
import { modules } from '../../modules/index.ts';

const root = join(import.meta.dirname, '../..');
const pages = execFileSync('find', ['.', '-name', '*.md', '-not', '-path', '*/node_modules/*'], {
  cwd: root,
  encoding: 'utf8',
})
  .trim()
  .split('\n')
  .map((path) => path.slice(2));

/** Files that a reader of the page is told to write. */
const TO_BE_WRITTEN =
  /^(modules\/tsconfig\.json|modules\/lab_time\/.*|test\/modules\/lab_time\/.*|docs\/modules\/lab_time\.md)$/;

describe.each(pages)('%s', (page) => {
  const text = readFileSync(join(root, page), 'utf8');

  test('names files and folders of the project that are there', () => {
    const named = [
      ...text.matchAll(
        /`((?:bench|bin|docs|engine|lab|modules|playbooks|schema|test)\/[\w./-]+)`/g,
      ),
    ].map(([, path = '']) => path);
    expect(named.filter((path) => !TO_BE_WRITTEN.test(path) && !isThere('.', path))).toEqual([]);
  });

  test('links to pages and headings that are there', () => {
    const links = [...text.matchAll(/\]\((?!https?:)([^)\s]+)\)/g)].map(([, link = '']) => link);
    expect(links.filter((link) => !leadsSomewhere(page, link))).toEqual([]);
  });
});

test('each module has a page, and each page a module', () => {
  const described = pages.flatMap(
    (page) => /^docs\/modules\/([a-z]\w*)\.md$/.exec(page)?.[1] ?? [],
  );
  expect(described.sort()).toEqual(modules.map(({ name }) => name).sort());
});

describe('docs/module-reference.md', () => {
  const reference = readFileSync(join(root, 'docs/module-reference.md'), 'utf8');
  const door = readFileSync(join(root, 'engine/sdk.ts'), 'utf8');
  const exported = [...door.matchAll(/^export (?:type )?\{([^}]*)\} from '(.*)';/gm)].map(
    ([, names = '', from = '']) => ({
      from: join(root, 'engine', from),
      names: names.split(',').flatMap((name) => name.trim().replace(/^type /, '') || []),
    }),
  );

  test('names all that lava-play/module exports', () => {
    const names = exported.flatMap((each) => each.names);
    expect(names.length).toBeGreaterThan(60);
    expect(names.filter((name) => !new RegExp(`\`${name}\\b`).test(reference))).toEqual([]);
  });

  test('names each option of each resource in its row', () => {
    for (const { names, from } of exported.filter((each) => /resources\//.test(each.from))) {
      for (const name of names) {
        const row = new RegExp(`^\\| \`${name}\` \\|.*`, 'm').exec(reference)?.[0];
        if (row === undefined) continue;
        const options = optionsIn(readFileSync(from, 'utf8'), name);
        expect(options.filter((option) => !row.includes(`\`${option}`))).toEqual([]);
      }
    }
  });
});

describe('docs/coming-from-ansible.md', () => {
  const page = readFileSync(join(root, 'docs/coming-from-ansible.md'), 'utf8');
  const named = new Set([...page.matchAll(/`([^`\s:,]+)[^`\n]*`/g)].map(([, word = '']) => word));

  test('says of each keyword what it is here', () => {
    const keywords = [playSchema, taskSchema, blockSchema, roleArgsSchema].flatMap(
      ({ properties }) => Object.keys(properties),
    );
    const all = [...keywords, ...Object.keys(taskSchema.properties.loop_control.properties)];
    expect(all.length).toBeGreaterThan(60);
    const hinted = Object.keys(ansibleHints);
    expect([...all, ...hinted].filter((word) => !named.has(word))).toEqual([]);
  });

  test('says of each module that Ansible has too what is the same', () => {
    const shared = modules.filter(({ name }) => {
      const own = readFileSync(join(root, `docs/modules/${name}.md`), 'utf8');
      return /\bansible/i.test(own.split('\n## Sources\n')[1] ?? own);
    });
    expect(shared.length).toBeGreaterThan(30);
    const words = shared.flatMap(({ name, aliases = [] }) => [name, ...aliases]);
    expect(words.filter((word) => !named.has(word))).toEqual([]);
  });

  test('says of each option that has a hint what to do instead', () => {
    const options = Object.keys(ANSIBLE_OPTIONS);
    expect(options.filter((option) => !named.has(option))).toEqual([]);
  });
});

/** The keys of `NAMEOptions`, and of what it is made of, in a source of resources. */
function optionsIn(source: string, name: string): readonly string[] {
  const type = `${name[0]?.toUpperCase()}${name.slice(1)}Options`;
  const start = source.indexOf(`export interface ${type} `);
  const alias = source.indexOf(`export type ${type} `);
  if (start < 0 && alias < 0) return [];
  const end = start < 0 ? source.indexOf('State', alias) : source.indexOf('\n}', start);
  const text = source.slice(Math.max(start, alias), end);
  return [...text.matchAll(/\breadonly (\w+)\??:/g)].map(([, key = '']) => key);
}

/** Names of files and units that look like ids of checks. */
const NO_CHECKS = ['lab.html', 'lab.yaml', 'ser2net.service'];

test('docs/check.md names every check', () => {
  const page = readFileSync(join(root, 'docs/check.md'), 'utf8');
  const table = page.split('\n## Failures')[0] ?? '';
  const listed = new Set(
    [...table.matchAll(/^\|((?: ?`[^`]+`,?)+) \|/gm)].flatMap(([, cell = '']) => {
      let module = '';
      return [...cell.matchAll(/`([^`]+)`/g)].map(([, id = '']) => {
        if (!id.startsWith('.')) module = id.split('.')[0] ?? '';
        return id.startsWith('.') ? `${module}${id}` : id;
      });
    }),
  );
  const sources = execFileSync('find', ['engine', 'lab', 'modules', '-name', '*.ts'], {
    cwd: root,
    encoding: 'utf8',
  });
  const owners = ['host', 'lab', ...modules.map(({ name }) => name)].join('|');
  const literal = new RegExp(`'((?:${owners})\\.[a-z][a-z-]*)'`, 'g');
  const asked = sources
    .trim()
    .split('\n')
    .flatMap((file) => [...readFileSync(join(root, file), 'utf8').matchAll(literal)])
    .map(([, id = '']) => id);
  expect(asked.length).toBeGreaterThan(60);
  expect([...new Set(asked)].filter((id) => !listed.has(id)).sort()).toEqual(NO_CHECKS);
});

function isThere(folder: string, path: string): boolean {
  return existsSync(join(root, folder, path));
}

function leadsSomewhere(page: string, link: string): boolean {
  const [path = '', heading] = link.split('#');
  const target = path === '' ? page : join(dirname(page), path);
  if (!isThere('.', target)) return false;
  if (heading === undefined) return true;
  const headings = readFileSync(join(root, target), 'utf8').matchAll(/^#+ (.*)$/gm);
  return [...headings].some(([, words = '']) => anchorOf(words) === heading);
}

/** As GitHub makes it of a heading. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
}
