import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { labPage } from '../../../lab/page/page.ts';
import { labStatus } from '../../../lab/status/lab_status.ts';
import { installPackage } from '../../support/debian_package.ts';
import { exampleLab } from '../../support/lab_health.ts';
import { testFolder } from '../../support/temp_folder.ts';

const CHROMIUM = '/usr/bin/chromium';
const missing = existsSync(CHROMIUM) ? undefined : installPackage('chromium');
const DESK = { viewport: { width: 1280, height: 900 } };

describe.skipIf(missing !== undefined)(
  `the page in a browser${missing ? ` (${missing})` : ''}`,
  () => {
    let browser: Browser;
    let folder: string;

    beforeAll(async () => {
      folder = testFolder();
      for (const boards of [3, 30, 300]) {
        const { health, lab } = exampleLab(boards);
        const drift = [
          {
            ...{ host: 'worker01', failure: undefined, open: ['ser2net: in use'] },
            changes: [{ resource: 'file /etc/x', diff: '-one\n+two\n' }],
          },
        ];
        const page = labPage({ status: labStatus(health, lab), drift, refresh: undefined });
        await writeFile(join(folder, `${boards}.html`), page);
      }
      browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
    }, 120_000);

    afterAll(async () => {
      await browser?.close();
    });

    /** Opens a page, and gives all that the browser complains about. */
    async function open(
      boards: number,
      options: BrowserContextOptions = DESK,
    ): Promise<{ readonly page: Page; readonly complaints: readonly string[] }> {
      const context = await browser.newContext(options);
      const page = await context.newPage();
      const complaints: string[] = [];
      page.on('console', (message) => complaints.push(message.text()));
      page.on('pageerror', (error) => complaints.push(error.message));
      page.on('request', (request) => {
        if (!/^(file|data):/.test(request.url())) complaints.push(request.url());
      });
      await page.goto(`file://${folder}/${boards}.html`);
      return { page, complaints };
    }

    test.each([
      [3, 'light', 375],
      [3, 'dark', 1280],
      [30, 'dark', 375],
      [30, 'light', 1280],
      [300, 'light', 375],
      [300, 'dark', 1920],
    ] as const)(
      '%i boards, %s, %i px wide: no complaint, nothing sticks out',
      async (boards, colorScheme, width) => {
        const { page, complaints } = await open(boards, {
          colorScheme,
          viewport: { width, height: 900 },
        });
        const wide = await page.evaluate<number>('document.documentElement.scrollWidth');
        expect(wide).toBeLessThanOrEqual(width);
        expect(await page.locator('.boards > li').count()).toBe(boards);
        expect(complaints).toEqual([]);
        const picture = await page.screenshot({ fullPage: true });
        expect(picture.length).toBeGreaterThan(10_000);
        await page.context().close();
      },
    );

    test('a search shows what fits, opens the table for it, and Escape ends it', async () => {
      const { page } = await open(30);
      await page.keyboard.press('/');
      await page.keyboard.type('FT4X0012');
      const shown = (selector: string): Promise<number> =>
        page.locator(`${selector}:visible`).count();
      expect(await shown('.workers .card, .card')).toBe(1);
      expect(await shown('tbody tr')).toBe(1);
      expect(await page.locator('.meant').innerText()).toContain('imx8mp-evk-12');
      expect(await page.locator('#found').innerText()).toBe('2 found');
      await page.keyboard.press('Escape');
      expect(await shown('.card')).toBe(5);
      await page.context().close();
    });

    test('light and dark can be changed, and stay', async () => {
      const { page } = await open(3, { ...DESK, colorScheme: 'light' });
      const paper = (): Promise<string> =>
        page.evaluate('getComputedStyle(document.body).backgroundColor');
      const light = await paper();
      await page.getByRole('button', { name: 'Dark or light' }).click();
      const dark = await paper();
      expect(dark).not.toBe(light);
      await page.reload();
      expect(await paper()).toBe(dark);
      await page.context().close();
    });

    test('without scripts everything but search and button is there', async () => {
      const { page } = await open(30, { ...DESK, javaScriptEnabled: false });
      expect(await page.locator('#search').isVisible()).toBe(false);
      expect(await page.locator('.card').count()).toBe(5);
      expect(await page.locator('time').innerText()).toBe('2026-03-04 05:06 UTC');
      await page.context().close();
    });

    test('a box of the map leads to its part of the page, by keyboard too', async () => {
      const { page } = await open(30);
      await page.locator('a.node[href="#host-worker02"]').focus();
      await page.keyboard.press('Enter');
      expect(await page.evaluate("document.querySelector(':target')?.id")).toBe('host-worker02');
      await page.context().close();
    });

    test.each(['light', 'dark'] as const)(
      '%s: people who cannot see it well can use it',
      async (colorScheme) => {
        const { page } = await open(30, { ...DESK, colorScheme });
        await page.evaluate(
          "for (const each of document.querySelectorAll('details')) each.open = true",
        );
        const script = await readFile(join(import.meta.dirname, 'flaws_in_page.js'), 'utf8');
        expect(await page.evaluate(script)).toEqual([]);
        await page.evaluate("document.querySelector('.when').style.color = '#777'");
        expect(await page.evaluate(script)).toEqual([
          expect.stringMatching(/^[34]\.\d\d: checked/),
        ]);
        await page.context().close();
      },
    );
  },
);
