import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { screenPaths } from '../screen-paths.ts';
import { allAnswered } from './browser-kit.ts';

/** Goes to a screen like a link does. */
export const show = (page: Page, path: string): Promise<void> =>
  page.evaluate((to) => {
    history.pushState(null, '', to);
    dispatchEvent(new PopStateEvent('popstate'));
  }, path);

/** Place to open for screens that show one; an empty one stands for the list. */
const PLACES: Readonly<Record<string, string>> = {
  feeder: '/owd-1',
  plan: '/owd-1',
  playback: '/owd-1',
  incidents: '/7',
  models: '',
  shift: '',
};

/** Every screen by name, with a valid path. */
export const everyScreen = (): [name: string, path: string][] =>
  [...screenPaths()].map(([name, { path }]) => [name, path.replace(/\/:id\??$/, PLACES[name] ?? '/owd')]);

const isShort = async (page: Page): Promise<boolean> =>
  (await page.locator('main .problem, main > .waiting').count()) > 0;

/** Opens every screen while the cloud answers. Returns the names of those with content. */
export async function visitAll(page: Page): Promise<ReadonlySet<string>> {
  const filled = new Set<string>();
  for (const [name, path] of everyScreen()) {
    await show(page, path);
    await page.waitForSelector(`main.screen-${name}`);
    // A screen that is left before its last answer has nothing to keep.
    await allAnswered(page);
    // Playback requests a different moment each time it is opened.
    if (name !== 'playback' && !(await isShort(page))) filled.add(name);
  }
  return filled;
}

/** Opens every screen while the cloud is lost, and checks that nothing looks live and that filled screens keep their content. */
export async function assertAllOld(page: Page, filled: ReadonlySet<string>): Promise<void> {
  const faults: string[] = [];
  for (const [name, path] of everyScreen()) {
    await show(page, path);
    await page.waitForSelector(`main.screen-${name}.is-lost`);
    await page.locator('main h1').first().waitFor({ state: 'attached' });
    faults.push(...(await liveLooking(page)));
    if (filled.has(name) && (await isShort(page))) faults.push(`${path} has lost what it had`);
  }
  assert.deepEqual(faults, []);
}

/** Returns current values of a screen that lack the hatching of stale ones. */
export const liveLooking = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const isHatched = (each: Element): boolean => getComputedStyle(each).backgroundImage.includes('gradient');
    const isWithin = (each: Element): boolean => {
      for (let at: Element | null = each; at !== null; at = at.parentElement) if (isHatched(at)) return true;
      return false;
    };
    const isOld = (each: Element): boolean => isWithin(each) || [...each.querySelectorAll('*')].some(isHatched);
    const values =
      'main :is(td:not(.desk-acts), dd, .strip-value, .strip-note, .alarm-list li, .finding-list li), .top .links dd:not(:first-of-type), .top .count, .alarm-banner p';
    // These must be hatched as a whole, because an unhatched part would look live.
    const wholes =
      'main :is(.selection, .told li, .incident-head > span, .story, .control-marks, .chart-canvas, svg:has(text))';
    const found = (selector: string, isMarked: (each: Element) => boolean): Element[] =>
      [...document.querySelectorAll(selector)].filter(
        (each) =>
          each.closest('.links > div:first-child, .played-back') === null &&
          (each.textContent.trim() !== '' || each.matches('.chart-canvas')) &&
          !isMarked(each),
      );
    return [...found(values, isOld), ...found(wholes, isWithin)].map(
      (each) => `${location.pathname}: ${each.getAttribute('class') ?? each.tagName} ${each.textContent.slice(0, 40)}`,
    );
  });
