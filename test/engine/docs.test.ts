import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
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
