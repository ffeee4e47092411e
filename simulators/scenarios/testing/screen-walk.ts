import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { audit, launch, NARROW, smallTargets, WIDE } from '../../../cloud/dashboard/testing/browser-kit.ts';
import { screenPaths } from '../../../cloud/dashboard/screen-paths.ts';
import { personAt, type Walked } from './person.ts';

const PICTURES = join(import.meta.dirname, '..', '..', '..', 'screenshots', 'demo');
/** Nobody may have every right: an administrator does not operate. */
const WALKER = { name: 'walker', roles: ['viewer', 'operator', 'planner', 'engineer'] };
const ADMIN = { name: 'admin-walker', roles: ['viewer', 'admin'] };
const SCREENS_OF_ADMIN = ['users', 'audit'];

interface Stop {
  readonly path: string;
  /** Text of the first heading; any by default. */
  readonly heading?: string;
  /** Selector that appears once the screen is filled. */
  readonly shows?: string;
}

/** Expected content of screens for a substation with batteries. Screens not listed only need a heading. */
const STOPS: Readonly<Record<string, Stop>> = {
  login: { path: '/login', heading: WALKER.name },
  overview: { path: '/', heading: 'Region North', shows: '.stations tbody tr' },
  substation: { path: '/substations/owd', heading: 'Oosterwolde', shows: '.chart canvas' },
  feeder: { path: '/feeders/owd-1', heading: 'Feeder 1', shows: '.diagram .bus' },
  forecast: { path: '/forecast/owd', heading: 'Forecast Oosterwolde', shows: '.chart canvas' },
  scorecard: { path: '/scorecards/owd', heading: 'Scorecard Oosterwolde' },
  plan: { path: '/plan/owd-1', heading: 'Plan owd-1', shows: '.reasons tbody tr' },
  gateways: { path: '/gateways', heading: 'Gateways', shows: '.gateways tbody tr' },
  models: { path: '/models', heading: 'Models', shows: '.models tbody tr' },
  devices: { path: '/devices', heading: 'Devices', shows: '.devices tbody tr' },
  overrides: { path: '/overrides', heading: 'Overrides' },
  desk: { path: '/desk', heading: 'Control', shows: '.desk-table tbody tr' },
  register: { path: '/register', heading: 'Register', shows: '.quality tbody tr' },
  areas: { path: '/areas', heading: 'Areas', shows: '.areas-table tbody tr' },
  settings: { path: '/settings', heading: 'Settings', shows: '.areas-table tbody tr' },
  quarantine: { path: '/quarantine', heading: 'Quarantine' },
  events: { path: '/events', heading: 'Events', shows: '.events tbody tr' },
  alarms: { path: '/alarms', heading: 'Alarms', shows: '.alarms tbody tr' },
  'alarm-figures': { path: '/alarm-figures', heading: 'Alarm figures', shows: '.figures tbody tr' },
  users: { path: '/users', heading: 'Users', shows: '.users tbody tr' },
  audit: { path: '/audit', heading: 'Audit', shows: 'button:has-text("Verify again")' },
};

/**
 * Opens every screen of a running demo by its URL at both sizes, signed in as a person with access, and saves a screenshot of each to
 * `screenshots/demo/`. Fails on a wrong heading, a console error, an axe violation, a control too small to hit, or a page wider than the
 * window; reports all faults together.
 */
export async function walkScreens(demo: Walked): Promise<void> {
  mkdirSync(PICTURES, { recursive: true });
  const browser = await launch();
  try {
    const faults: string[] = [];
    for (const person of [WALKER, ADMIN]) {
      const page = await personAt(browser, demo, person);
      const other = await page.context().newPage();
      const found = await Promise.all([
        walk(page, demo, { person, viewport: WIDE }),
        walk(other, demo, { person, viewport: NARROW }),
      ]);
      faults.push(...found.flat());
    }
    assert.deepEqual(faults, []);
  } finally {
    await browser.close();
  }
}

/** Walks the screens of a person at one size and takes screenshots; returns the faults. */
async function walk(
  page: Page,
  demo: Walked,
  { person, viewport }: { readonly person: typeof WALKER; readonly viewport: typeof WIDE },
): Promise<string[]> {
  const faults: string[] = [];
  let at = '';
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(`${at}: console: ${message.text()} ${message.location().url}`);
  });
  page.on('pageerror', (error) => faults.push(`${at}: ${error.message}`));
  await page.setViewportSize(viewport);
  const screens = [...screenPaths()].filter(([name]) => SCREENS_OF_ADMIN.includes(name) === (person === ADMIN));
  for (const [name, { path }] of screens) {
    const stop = STOPS[name] ?? { path: path.replace(/\/:id$/, '/owd').replace(/\/:id\?$/, '') };
    at = `${name} at ${viewport.width} px`;
    await arrive(page, `${demo.url}${stop.path}`, { ...stop, person: person.name });
    await page.screenshot({ path: join(PICTURES, `${name}-${viewport.width}.png`), fullPage: true });
    faults.push(...(await faultsOf(page)).map((fault) => `${at}: ${fault}`));
  }
  return faults;
}

/** Waits until the screen shows its heading and values and has nothing pending. */
async function arrive(
  page: Page,
  url: string,
  { heading, shows, person }: Partial<Stop> & { readonly person: string },
): Promise<void> {
  await page.goto(url);
  await page
    .getByRole('heading', { level: 1, ...(heading === undefined ? {} : { name: heading }) })
    .waitFor({ state: 'attached' });
  await page.locator('.links .link-up').first().waitFor();
  await page.locator('.menu summary', { hasText: person }).waitFor();
  if (shows !== undefined) await page.locator(shows).first().waitFor();
  await page
    .locator('main .waiting', { hasText: /^Waiting for/ })
    .first()
    .waitFor({ state: 'detached' });
}

async function faultsOf(page: Page): Promise<string[]> {
  const wider = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
  return [
    ...(await audit(page)),
    ...(await smallTargets(page)).map((each) => `too small: ${each}`),
    ...(wider > 0 ? [`${wider} px wider than the window`] : []),
  ];
}
