import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { ensureBuilt } from './build.ts';
import { audit, launch, NARROW, pageOf, smallTargets, WIDE } from './testing/browser-kit.ts';
import { FixtureServer } from './testing/fixture-server.ts';

const pictures = fileURLToPath(new URL('../../screenshots/', import.meta.url));
const BOX_HEIGHT = 600;

let server: FixtureServer;
let base: string;
let browser: Browser;

before(async () => {
  server = new FixtureServer({ root: await ensureBuilt(() => undefined) });
  base = await server.start();
  browser = await launch();
  mkdirSync(pictures, { recursive: true });
});

after(async () => {
  await browser.close();
  await server.stop();
});

async function open(
  buses: number,
  viewport: { width: number; height: number },
): Promise<{ page: Page; errors: string[] }> {
  const page = await pageOf(browser, { viewport });
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  await page.goto(`${base}/feeders/owd-${buses}`);
  await page.waitForSelector('.diagram .bus.selected');
  await page.locator('.banner').waitFor({ state: 'detached' });
  await page.locator('.diagram').scrollIntoViewIfNeeded();
  return { page, errors };
}

/** Place of the drawing in its box, px of the screen. */
const drawn = (page: Page) =>
  page.evaluate(() => {
    const box = document.querySelector('.diagram')!;
    const { width, height } = box.querySelector('svg')!.getBoundingClientRect();
    return { width, height, seen: { width: box.clientWidth, height: box.clientHeight } };
  });

const scaleOf = async (page: Page): Promise<number> =>
  page.evaluate(() => {
    const svg = document.querySelector<SVGSVGElement>('.diagram svg')!;
    return svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
  });

/** Waits until a bus is fully visible in the diagram's box. */
const inBox = (page: Page, bus: string) =>
  page.waitForFunction((id) => {
    const box = document.querySelector('.diagram')!.getBoundingClientRect();
    const { left, right, top, bottom } = document.querySelector(`[data-bus="${id}"]`)!.getBoundingClientRect();
    return left >= box.left - 1 && right <= box.right + 1 && top >= box.top - 1 && bottom <= box.bottom + 1;
  }, bus);

for (const viewport of [WIDE, NARROW])
  for (const buses of [150, 500])
    test(`a feeder of ${buses} buses at ${viewport.width} px is readable, searchable, fits, and zooms by button, key and wheel`, async () => {
      const { page, errors } = await open(buses, viewport);
      const picture = (name: string) =>
        page.screenshot({ path: `${pictures}feeder-${buses}-${name}-${viewport.width}.png` });
      assert.equal(await page.locator('.diagram .bus').count(), buses);
      await inBox(page, (await page.locator('.bus.selected').getAttribute('data-bus'))!);
      await picture('full');
      const crowded = await page.evaluate(() => {
        const box = document.querySelector('.diagram')!.getBoundingClientRect();
        const texts = [...document.querySelectorAll('.diagram :is(.bus-name, .bus-volts, .way-flow)')]
          .map((text) => text.getBoundingClientRect())
          .filter(
            ({ left, right, top, bottom }) =>
              right > box.left && left < box.right && bottom > box.top && top < box.bottom,
          );
        const over = (a: DOMRect, b: DOMRect): boolean =>
          Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 &&
          Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 3;
        return {
          texts: texts.length,
          small: texts.filter(({ height }) => height < 10).length,
          over: texts.filter((a, index) => texts.slice(index + 1).some((b) => over(a, b))).length,
        };
      });
      assert.ok(crowded.texts > 8, `${crowded.texts} texts`);
      assert.deepEqual([crowded.small, crowded.over], [0, 0], JSON.stringify(crowded));
      assert.deepEqual(await audit(page), []);
      assert.deepEqual(await smallTargets(page), []);
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth));

      const abnormal = await page.locator('.bus.level-2, .bus.level-1').count();
      await page.getByRole('button', { name: 'Whole feeder' }).click();
      await page.waitForSelector('.diagram svg.far');
      const whole = await drawn(page);
      assert.ok(whole.width <= whole.seen.width + 1 && whole.height <= BOX_HEIGHT + 1, JSON.stringify(whole));
      assert.equal(
        await page.locator('.far-bus .shape').count(),
        abnormal,
        'abnormal buses are marked when zoomed out',
      );
      await page.getByLabel('Find bus').fill(String(buses - 7));
      await page.waitForFunction(
        (name) => document.querySelector('.selection-name')?.textContent === name,
        `Bus ${buses - 7}`,
      );
      await inBox(page, `owd-${buses}-b${buses - 7}`);
      await picture('whole');
      assert.deepEqual(await audit(page), []);

      const least = await scaleOf(page);
      await page.getByRole('button', { name: 'Zoom in' }).click();
      await page.waitForFunction(
        (was) => document.querySelector<SVGSVGElement>('.diagram svg')!.getBoundingClientRect().width > was,
        whole.width + 1,
      );
      await page.getByRole('button', { name: 'back to full size' }).click();
      await page.waitForSelector('.diagram svg:not(.far)');
      assert.ok(Math.abs((await scaleOf(page)) - 1) < 0.01);
      await page.locator('.bus.selected').focus();
      await page.keyboard.press('-');
      await page.waitForFunction(() => document.querySelector('.diagram-tools')!.textContent.includes('71 %'));
      await page.keyboard.press('+');
      await page.waitForFunction(() => document.querySelector('.diagram-tools')!.textContent.includes('100 %'));
      await page.keyboard.press('0');
      await page.waitForSelector('.diagram svg.far');
      assert.ok(Math.abs((await scaleOf(page)) - least) < 0.01);
      assert.deepEqual(errors, []);
      await page.context().close();
    });

test('Ctrl and wheel zoom about the pointer, the wheel scrolls, the mouse drags', async () => {
  const { page } = await open(500, WIDE);
  await page.getByLabel('Find bus').fill('232');
  await page.waitForSelector('.bus.selected[data-bus="owd-500-b232"]');
  await inBox(page, 'owd-500-b232');
  const bus = page.locator('.bus.selected');
  const middle = async () => {
    const { x, y, width, height } = (await bus.boundingBox())!;
    return { x: x + width / 2, y: y + height / 2 };
  };
  const at = await middle();
  await page.mouse.move(at.x, at.y);
  await page.keyboard.down('Control');
  await page.mouse.wheel(0, 120);
  await page.keyboard.up('Control');
  await page.waitForFunction(() => !document.querySelector('.diagram-tools')!.textContent.includes('100 %'));
  assert.ok((await scaleOf(page)) < 0.9);
  const shrunk = await middle();
  assert.ok(
    Math.hypot(shrunk.x - at.x, shrunk.y - at.y) < 12,
    `from ${JSON.stringify(at)} to ${JSON.stringify(shrunk)}`,
  );
  const scale = await scaleOf(page);
  const scrolled = () => page.evaluate(() => document.querySelector('.diagram')!.scrollTop);
  const before = await scrolled();
  await page.mouse.wheel(0, 90);
  await page.waitForFunction((was) => document.querySelector('.diagram')!.scrollTop > was, before);
  assert.equal(await scaleOf(page), scale);
  const from = await middle();
  await page.mouse.move(from.x - 60, from.y + 70);
  await page.mouse.down();
  await page.mouse.move(from.x + 40, from.y + 70, { steps: 5 });
  await page.mouse.up();
  const to = await middle();
  assert.ok(
    Math.abs(to.x - from.x - 100) < 3 && Math.abs(to.y - from.y) < 3,
    `${JSON.stringify(from)} ${JSON.stringify(to)}`,
  );
  await page.context().close();
});
