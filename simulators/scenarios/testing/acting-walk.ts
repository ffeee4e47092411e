import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { until } from '../../../shared/testing/until.ts';
import { audit, launch, NARROW, WIDE } from '../../../cloud/dashboard/testing/browser-kit.ts';
import { giveRoles, personAt, type Walked } from './person.ts';

const PICTURES = join(import.meta.dirname, '..', '..', '..', 'screenshots', 'demo');
/** Long enough to outlast the walk at sixty times real time, min. */
const LONG_MIN = 600;
/** Small enough that the battery lasts for hours. */
const OVERRIDE_KW = -50;
const NEAR_KW = 2;
/** Matches "N of N", for gateways and for devices. */
const ALL_UP = /(\d+) of \1$/;

/** The running demo, besides its page. */
export interface Acted extends Walked {
  /** Kills the process of this name; it is restarted. */
  kill(name: 'cloud'): unknown;
}

interface Desk {
  readonly demo: Acted;
  readonly anna: Page;
  readonly bert: Page;
}

/**
 * Acts at the desk of a running demo as operators do, and checks in the page that the real gateways follow: a battery is overridden by
 * keyboard alone, alarms are acknowledged and shelved, a recommendation is accepted in Manual, a second person approves, the cloud is
 * killed and comes back, and a role is revoked while its stream runs. Saves screenshots to `screenshots/demo/`.
 */
export async function actAtTheDesk(demo: Acted): Promise<void> {
  mkdirSync(PICTURES, { recursive: true });
  const browser = await launch();
  try {
    const anna = await personAt(browser, demo, { name: 'anna', roles: ['operator'] });
    const bert = await personAt(browser, demo, { name: 'bert', roles: ['operator'] });
    const desk = { demo, anna, bert };
    for (const flow of FLOWS) {
      await flow(desk).catch(async (error: unknown) => {
        for (const [name, page] of Object.entries({ anna, bert }))
          await page.screenshot({ path: join(PICTURES, `act-failed-${name}.png`) });
        throw error;
      });
    }
  } finally {
    await browser.close();
  }
}

const FLOWS: readonly ((desk: Desk) => Promise<void>)[] = [
  overridesABattery,
  acknowledgesAndShelves,
  acceptsARecommendation,
  asksASecondPerson,
  losesTheCloud,
  releasesTheBattery,
  losesTheirRole,
];

const BATTERY = 'owd-01/battery-1';
const dialog = (page: Page): Locator => page.locator('dialog[open]');
const rowOf = (page: Page, table: string, text: string): Locator =>
  page.locator(`${table} tbody tr`, { hasText: text });

async function open(page: Page, demo: Walked, path: string): Promise<void> {
  await page.goto(`${demo.url}${path}`);
  await page.locator('.links .link-up').first().waitFor();
}

/** Takes a screenshot and runs axe at both sizes. */
async function pictured(page: Page, name: string): Promise<void> {
  for (const viewport of [NARROW, WIDE]) {
    await page.setViewportSize(viewport);
    await page.screenshot({ path: join(PICTURES, `act-${name}-${viewport.width}.png`) });
    assert.deepEqual(await audit(page), [], `${name} at ${viewport.width} px`);
  }
}

/** Waits until a device is overridden and its fresh measurement matches its setpoint within its limits. Returns the setpoint, kW. */
async function follows(row: Locator): Promise<number> {
  await row.getByText('override').waitFor();
  return until('the page shows the reported measurement', async () => {
    const measured = row.locator('[data-name="Power, kW"] .value.is-fresh.from-measured .value-number');
    if ((await measured.count()) !== 1) return false;
    const [power, setpoint] = await Promise.all([measured, row.locator('[data-name="Setpoint, kW"]')].map(powerIn));
    return Math.abs(power! - setpoint!) <= NEAR_KW && setpoint!;
  });
}

const powerIn = async (place: Locator): Promise<number> => numberIn(await place.innerText());
/** NaN when the text holds no number. */
const numberIn = (text: string): number =>
  /\d/.test(text) ? Number(text.replaceAll('\u2212', '-').replaceAll(/[^\d.-]/g, '')) : NaN;

async function verified(page: Page): Promise<void> {
  await dialog(page).locator('.way-done', { hasText: 'Verified by readback' }).waitFor();
}

async function overridesABattery({ demo, anna }: Desk): Promise<void> {
  await open(anna, demo, '/devices?q=owd-01/battery-1');
  const row = rowOf(anna, '.devices', BATTERY);
  await row.getByRole('button', { name: `Setpoint of Battery 1, ${BATTERY}` }).focus();
  await anna.keyboard.press('Enter');
  await dialog(anna).getByLabel('Active power, kW').waitFor();
  await dialog(anna).locator('input:focus').waitFor();
  await anna.keyboard.type(`${OVERRIDE_KW}`);
  await dialog(anna).locator('.effect tbody').waitFor();
  await anna.keyboard.press('Tab');
  await anna.keyboard.press('Tab');
  await anna.keyboard.press('Control+A');
  await anna.keyboard.type(`${LONG_MIN}`);
  await anna.keyboard.press('Tab');
  await anna.keyboard.type('relieve the feeder');
  await pictured(anna, 'setpoint');
  await anna.keyboard.press('Enter');
  await dialog(anna).locator('button:focus', { hasText: 'Confirm' }).waitFor();
  await anna.keyboard.press('Enter');
  await verified(anna);
  await pictured(anna, 'verified');
  await anna.keyboard.press('Escape');
  await dialog(anna).waitFor({ state: 'detached' });
  const followedKw = await follows(row);
  const limited = await row.locator('[data-name="Limited by"]').innerText();
  assert.ok(
    followedKw === OVERRIDE_KW || /envelope|guard/.test(limited),
    `it is set to ${followedKw} kW, limited by ${limited}`,
  );
}

/** Acknowledges the alarm of one faulty meter; shelves the other with a reason and unshelves it. */
async function acknowledgesAndShelves({ demo, anna }: Desk): Promise<void> {
  await open(anna, demo, '/alarms');
  const seen = rowOf(anna, '.alarms', 'wls-01')
    .filter({ hasText: /transformer.*(dead|reads nothing)/ })
    .first();
  await seen.locator('.row-link').click();
  await anna.keyboard.press('a');
  await seen.filter({ hasText: 'acknowledged' }).waitFor();
  const other = rowOf(anna, '.alarms', 'hfdp-01')
    .filter({ hasText: /transformer.*wrong/ })
    .first();
  const text = await other.locator('.row-link').innerText();
  await other.locator('.row-link').click();
  await anna.keyboard.press('s');
  await anna.keyboard.type('the meter is being turned');
  await anna.keyboard.press('Enter');
  const shelf = anna.getByRole('button', { name: 'Shelved 1' });
  await shelf.click();
  await anna.locator('.alarm-side', { hasText: 'the meter is being turned' }).waitFor();
  await rowOf(anna, '.alarms', text).waitFor();
  await pictured(anna, 'shelved');
  await anna.getByRole('button', { name: 'Unshelve' }).click();
  await anna.getByRole('button', { name: 'Shelved 0' }).waitFor();
}

async function acceptsARecommendation({ demo, anna }: Desk): Promise<void> {
  await open(anna, demo, '/desk');
  const place = anna.locator('.desk-table tr', { has: anna.locator('a[href="/feeders/owd-1"]') });
  await place.getByLabel('Mode of owd-1').selectOption('manual');
  await dialog(anna).getByLabel('Reason').fill('works on the line');
  await anna.keyboard.press('Enter');
  await verified(anna);
  await anna.keyboard.press('Escape');
  await open(anna, demo, '/feeders/owd-1');
  await anna.locator('.strip', { hasText: 'Manual' }).waitFor();
  const advice = anna.locator('section', { hasText: 'Recommendations' }).locator('tbody tr');
  const other = advice.filter({ hasText: /Battery [23]/ }).first();
  await other.waitFor();
  await pictured(anna, 'recommended');
  const name = await other.locator('th').innerText();
  await other.getByRole('button', { name: 'Accept' }).click();
  const field = dialog(anna).getByLabel('Active power, kW');
  await field.waitFor();
  await dialog(anna).getByRole('button', { name: 'Select' }).click();
  await dialog(anna).getByRole('button', { name: 'Confirm' }).click();
  await verified(anna);
  await anna.keyboard.press('Escape');
  const row = rowOf(anna, '.devices', name);
  await follows(row);
  await open(anna, demo, '/desk');
  await place.getByLabel('Mode of owd-1').selectOption('automatic');
  await dialog(anna).getByLabel('Reason').fill('works are over');
  await anna.keyboard.press('Enter');
  await verified(anna);
  await anna.keyboard.press('Escape');
}

async function asksASecondPerson({ demo, anna, bert }: Desk): Promise<void> {
  await open(anna, demo, '/desk');
  await open(bert, demo, '/');
  await anna.getByRole('button', { name: 'Raise the limits of owd', exact: true }).click();
  await dialog(anna).getByLabel('Duration, h').selectOption('8');
  await dialog(anna).getByLabel('Reason').fill('the neighbour is out');
  await dialog(anna).getByRole('button', { name: 'Ask a second person' }).click();
  await dialog(anna).getByText('waits for a second person').waitFor();
  await anna.keyboard.press('Escape');
  await anna.getByText('another operator decides').waitFor();
  await bert.getByRole('region', { name: 'Asked of a second person' }).getByRole('link', { name: 'Decide' }).click();
  await bert.getByLabel('Why').fill('agreed by telephone');
  await pictured(bert, 'asked');
  await bert.getByRole('button', { name: 'Approve', exact: true }).click();
  await anna.getByText(/^raised, .* left$/).waitFor();
  await anna.getByRole('button', { name: 'Set back the limits of owd', exact: true }).click();
  await dialog(anna).getByLabel('Reason').fill('the neighbour is back');
  await anna.keyboard.press('Enter');
  await dialog(anna).locator('.way-done', { hasText: 'Applied' }).waitFor();
  await anna.keyboard.press('Escape');
  await anna.getByRole('button', { name: 'Raise the limits of owd', exact: true }).waitFor();
}

/** Live values turn stale at once, nothing can be sent, the gateway goes on; the page recovers without user action. */
async function losesTheCloud({ demo, anna }: Desk): Promise<void> {
  await open(anna, demo, '/feeders/owd-1');
  const cell = rowOf(anna, '.devices', 'battery-1').locator('[data-name="Power, kW"]');
  await cell.locator('.is-fresh').waitFor();
  await rowOf(anna, '.devices', 'battery-1').getByRole('button', { name: 'Setpoint' }).click();
  await dialog(anna).getByLabel('Reason').waitFor();
  demo.kill('cloud');
  await anna.locator('.banner', { hasText: 'Cloud lost.' }).waitFor();
  await dialog(anna).getByText('The cloud is lost: controls are off.').waitFor();
  assert.equal(await dialog(anna).getByRole('button', { name: 'Select' }).isDisabled(), true);
  await anna.keyboard.press('Escape');
  await cell.locator('.is-stale').waitFor();
  await pictured(anna, 'lost');
  await anna.locator('.banner').waitFor({ state: 'detached' });
  await anna.locator('.links dd', { hasText: ALL_UP }).nth(1).waitFor();
  await follows(rowOf(anna, '.devices', 'battery-1'));
}

async function releasesTheBattery({ demo, anna }: Desk): Promise<void> {
  await open(anna, demo, '/overrides');
  const row = rowOf(anna, '.overrides', BATTERY);
  await row.getByText('relieve the feeder').waitFor();
  await row.getByText('verified').waitFor();
  assert.match(await row.getByRole('timer').innerText(), /\d+ (h|min)/);
  await pictured(anna, 'override');
  await row.getByRole('button', { name: 'Release' }).click();
  await row.waitFor({ state: 'detached' });
  await open(anna, demo, '/devices?q=owd-01/battery-1');
  await rowOf(anna, '.devices', BATTERY).getByText('cloud plan').waitFor();
}

/** An operator demoted to viewer can send nothing from the open page; without any role they see nothing more. */
async function losesTheirRole({ demo, anna }: Desk): Promise<void> {
  await open(anna, demo, '/devices?q=owd-01/battery-1');
  await rowOf(anna, '.devices', BATTERY).getByRole('button', { name: 'Setpoint' }).click();
  await dialog(anna).getByLabel('Active power, kW').fill('-20');
  await dialog(anna).getByLabel('Reason').fill('as an operator still');
  await dialog(anna).locator('button:enabled', { hasText: 'Select' }).waitFor();
  await giveRoles(demo, 'anna', ['viewer']);
  await dialog(anna).getByText('Needs an operator').waitFor();
  assert.equal(await dialog(anna).getByRole('button', { name: 'Select' }).isDisabled(), true);
  await anna.keyboard.press('Escape');
  await giveRoles(demo, 'anna', []);
  await anna.waitForURL(`${demo.url}/login`);
}
