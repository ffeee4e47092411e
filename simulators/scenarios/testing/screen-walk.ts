import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { audit, launch, NARROW, smallTargets, WIDE } from '../../../cloud/dashboard/testing/browser-kit.ts';
import type { Screen } from '../../../cloud/dashboard/web/lib/route-path.ts';

const PICTURES = join(import.meta.dirname, '..', '..', '..', 'screenshots', 'demo');
/** There for the walk to end, not to measure: a starved machine draws a page in seconds. */
const PATIENCE_MS = 300_000;
const WALKER = 'walker';
const ROLES = ['viewer', 'operator', 'planner', 'engineer', 'admin', 'auditor'];
const PASSWORD = 'one long walk through all';

interface Stop {
  readonly path: string;
  /** Of its first heading. */
  readonly heading: string;
  /** What stands there once it has been filled. */
  readonly shows?: string;
}

/** Every screen there is, as it stands at a substation with batteries. */
const STOPS: Readonly<Record<Exclude<Screen, 'none'>, Stop>> = {
  login: { path: '/login', heading: WALKER },
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

/** The walk's own way to ask the running demo. */
export interface Walked {
  readonly url: string;
  /** Of a program that may make users. */
  readonly token: string;
}

/**
 * Opens every screen of a running demo by its URL at both sizes, signed in with every role, and writes a picture of each to
 * `screenshots/demo/`. Fails where one has another heading, an error in the console, a violation of axe, a control too small to hit, or
 * is wider than the window; all that is wrong is named at once.
 */
export async function walkScreens(demo: Walked): Promise<void> {
  mkdirSync(PICTURES, { recursive: true });
  const browser = await launch();
  try {
    const page = await (await browser.newContext({ viewport: WIDE })).newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    page.setDefaultNavigationTimeout(PATIENCE_MS);
    await signIn(page, demo);
    const faults: string[] = [];
    let at = '';
    page.on('console', (message) => {
      if (message.type() === 'error') faults.push(`${at}: console: ${message.text()} ${message.location().url}`);
    });
    page.on('pageerror', (error) => faults.push(`${at}: ${error.message}`));
    for (const viewport of [WIDE, NARROW]) {
      await page.setViewportSize(viewport);
      for (const [name, stop] of Object.entries(STOPS)) {
        at = `${name} at ${viewport.width} px`;
        await arrive(page, `${demo.url}${stop.path}`, stop);
        await page.screenshot({ path: join(PICTURES, `${name}-${viewport.width}.png`), fullPage: true });
        faults.push(...(await faultsOf(page)).map((fault) => `${at}: ${fault}`));
      }
    }
    assert.deepEqual(faults, []);
  } finally {
    await browser.close();
  }
}

/** A person with every role, who takes a password of their own for the one-time one. */
async function signIn(page: Page, { url, token }: Walked): Promise<void> {
  const ask = async (method: string, path: string, body?: object): Promise<unknown> => {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
    const answer = await fetch(`${url}${path}`, { method, headers, ...(body && { body: JSON.stringify(body) }) });
    assert.equal(answer.status, 200);
    return answer.json();
  };
  await ask('PUT', `/v1/users/${WALKER}`, { roles: ROLES, areas: '*' });
  const given = await ask('POST', `/v1/users/${WALKER}/password`, {});
  const { oneTimePassword } = given as { readonly oneTimePassword: string };
  await page.goto(`${url}/login`);
  await page.getByLabel('Name', { exact: true }).fill(WALKER);
  await page.getByLabel('Password', { exact: true }).fill(oneTimePassword);
  await page.keyboard.press('Enter');
  await page.getByLabel('Current password').fill(oneTimePassword);
  await page.getByLabel('New password').fill(PASSWORD);
  await page.keyboard.press('Enter');
  await page.waitForURL(`${url}/`);
}

/** Until the screen has its heading, its values, and nothing that it still waits for. */
async function arrive(page: Page, url: string, { heading, shows }: Stop): Promise<void> {
  await page.goto(url);
  await page.getByRole('heading', { level: 1, name: heading }).waitFor({ state: 'attached' });
  await page.locator('.links .link-up').first().waitFor();
  await page.locator('.menu summary', { hasText: WALKER }).waitFor();
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
