import axe from 'axe-core';
import { chromium as driver, type Browser, type Page } from 'playwright-core';
import { chromium } from '../../../simulators/testing/debian.ts';

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

/** The real browser, without a network of its own. */
export const launch = async (): Promise<Browser> => driver.launch({ executablePath: await chromium(), args: FLAGS });

/** What axe finds against WCAG 2.2 AA and good practice, each with its place. */
export async function audit(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const found = await page.evaluate(async () => {
    const { axe: run } = globalThis as unknown as { axe: typeof axe };
    return run.run({
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    });
  });
  return found.violations.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id}: ${node.target.join(' ')} ${node.failureSummary ?? ''}`),
  );
}

/** Controls under 24 px; a link within a sentence or a table row may be smaller by WCAG 2.5.8. */
export const smallTargets = (page: Page): Promise<string[]> =>
  page.locator('button, select, input, summary, nav a, [role=button]').evaluateAll((elements) =>
    elements
      .map((element) => ({ element, box: element.getBoundingClientRect() }))
      .filter(({ box }) => box.width > 0 && (box.height < 23.9 || box.width < 23.9))
      .map(({ element, box }) => `${element.outerHTML.slice(0, 80)} ${box.width}x${box.height}`),
  );

/** Tables that are wider than the room they have: what of a row lies beyond the edge is not seen. */
export const cutTables = (page: Page): Promise<string[]> =>
  page
    .locator('.scroll')
    .evaluateAll((elements) =>
      elements
        .filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth)
        .map((each) => `${each.ariaLabel ?? each.className}: ${each.scrollWidth} px in ${each.clientWidth}`),
    );
