import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type axe from 'axe-core';
import { chromium as driver, type Browser, type BrowserContextOptions, type Page, type Request } from 'playwright-core';
import { until } from '../../../shared/testing/until.ts';
import { chromium } from '../../../simulators/testing/debian.ts';
import { assertOutline } from './outline.ts';

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
export const WIDE = { width: 1440, height: 900 };
export const NARROW = { width: 390, height: 844 };

/** A limit that lets a test end, not a measure: an overloaded machine takes seconds to render a page. */
const PATIENCE_MS = 300_000;

/** Launches the real browser, without background traffic of its own. */
export const launch = async (): Promise<Browser> => driver.launch({ ...chromium(), args: FLAGS });

/** Folder of the screenshots, for people to look at. */
export const pictures = fileURLToPath(new URL('../../../screenshots/', import.meta.url));

export interface WatchedPage {
  readonly page: Page;
  /** Console errors and warnings so far, including policy violations. */
  readonly errors: readonly string[];
}

/** Opens a page in its own context. */
export async function pageOf(browser: Browser, options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({ viewport: WIDE, ...options });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  const asked = new Set<Request>();
  open.set(page, asked);
  page.on('request', (request) => {
    if (!new URL(request.url()).pathname.startsWith('/v1/stream')) asked.add(request);
  });
  page.on('requestfinished', (request) => asked.delete(request));
  page.on('requestfailed', (request) => asked.delete(request));
  return page;
}

/** Opens a page that records its errors. */
export async function watchedPage(browser: Browser, options: BrowserContextOptions = {}): Promise<WatchedPage> {
  const page = await pageOf(browser, options);
  const errors: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') errors.push(message.text());
  });
  page.on('pageerror', (error) => errors.push(error.message));
  return { page, errors };
}

/** Open requests of each page, except its stream, which never ends. */
const open = new WeakMap<Page, ReadonlySet<Request>>();

/** Waits two frames: rendering an answer may trigger the next request. */
const drawn = (page: Page): Promise<void> =>
  page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');

/** Waits until a page has all its answers, including those to requests triggered by earlier ones. */
export async function allAnswered(page: Page): Promise<void> {
  const asked = open.get(page)!;
  await until(`all that ${page.url()} asks for has come`, async () => {
    await drawn(page);
    if (asked.size > 0) return false;
    await drawn(page);
    return asked.size === 0;
  });
}

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** WCAG 2.2 AA and best practice. */
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
/** Rules whose result depends on colours. */
const RULES_OF_COLOUR = ['color-contrast', 'link-in-text-block'];

/** Checks what every screen must satisfy at any size and in both colour schemes, and at full width its outline. */
export async function assertAccessible(watched: WatchedPage, name: string): Promise<void> {
  await allAnswered(watched.page);
  await assertReadable(watched, name);
  const { page } = watched;
  if (page.viewportSize()!.width === WIDE.width) await assertOutline(page.locator('main'), name);
}

/**
 * Like `assertAccessible`, without the outline, for a screen whose outline another test checks. In both colour schemes: a screenshot, an
 * empty console, no axe findings, no horizontal scrolling, one heading, no small targets.
 */
export async function assertReadable({ page, errors }: WatchedPage, name: string): Promise<void> {
  for (const [colorScheme, rules] of [
    ['light', RULES],
    ['dark', RULES_OF_COLOUR],
  ] as const) {
    await page.emulateMedia({ colorScheme });
    await page.screenshot({
      path: `${pictures}${name}-${page.viewportSize()!.width}-${colorScheme}.png`,
      fullPage: true,
    });
    assert.deepEqual(await audit(page, rules), [], colorScheme);
  }
  const sideways = await page.evaluate<number>('document.documentElement.scrollWidth - window.innerWidth');
  assert.ok(sideways <= 0, `${sideways} px wider than the window`);
  assert.equal(await page.locator('h1').count(), 1);
  assert.deepEqual(await smallTargets(page), []);
  assert.deepEqual(errors, []);
}

/** Returns the axe findings against these rules, each with its place. */
export async function audit(page: Page, rules: readonly string[] = RULES): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(AXE);
  const found = await page.evaluate(
    async (runOnly) => {
      const { axe: run } = globalThis as unknown as { axe: typeof axe };
      return run.run({ runOnly, resultTypes: ['violations'] });
    },
    [...rules],
  );
  return found.violations.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id}: ${node.target.join(' ')} ${node.failureSummary ?? ''}`),
  );
}

/** Returns controls under 24 px; WCAG 2.5.8 allows smaller links within a sentence or table row. */
export const smallTargets = (page: Page): Promise<string[]> =>
  page.locator('button, select, input, summary, nav a, [role=button]').evaluateAll((elements) =>
    elements
      .map((element) => ({ element, box: element.getBoundingClientRect() }))
      .filter(({ box }) => box.width > 0 && (box.height < 23.9 || box.width < 23.9))
      .map(({ element, box }) => `${element.outerHTML.slice(0, 80)} ${box.width}x${box.height}`),
  );

/** Returns tables wider than their space, whose rows are cut off at the edge. */
export const cutTables = (page: Page): Promise<string[]> =>
  page
    .locator('.scroll')
    .evaluateAll((elements) =>
      elements
        .filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth)
        .map((each) => `${each.ariaLabel ?? each.className}: ${each.scrollWidth} px in ${each.clientWidth}`),
    );
