import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import type { CommandView } from '../../shared/contracts/command.ts';
import { actingRig, dialog, openSetpoint } from './testing/acting-rig.ts';
import { audit, pictures } from './testing/browser-kit.ts';

const rig = actingRig();
const { server, open } = rig;
const { world } = server;

const wish = { gateway: 'owd-01', device: 'pv-1', setpoint: { activePowerLimitKw: 100 }, durationS: 600 };

/** Another user tries to select the device; returns the state once its gateway has answered. */
async function triedBy(user: string): Promise<CommandView['state']> {
  const answered = world.next(
    ({ kind, user: who, state }) => kind === 'select' && who === user && (state === 'applied' || state === 'refused'),
  );
  await world.desk.select(user, { ...wish, reason: 'the next in turn' });
  return (await answered).state;
}

const cancelled = (): Promise<CommandView> => world.next(({ kind, state }) => kind === 'cancel' && state === 'applied');

async function fill(page: Page): Promise<void> {
  await openSetpoint(page, 'pv-1, owd-01/pv-1');
  await dialog(page).getByLabel('Limit of active power, kW').fill('250');
  await dialog(page).getByLabel('Reason').fill('test of the selection');
}

/** Selects in the dialog, and waits until the gateway holds the selection. */
async function select(page: Page): Promise<void> {
  await dialog(page).getByRole('button', { name: 'Select' }).click();
  await dialog(page).getByText('owd-01 is ready: it holds the device for you.').waitFor();
  await dialog(page).getByText('Selected. Confirm within').waitFor();
}

/** Ways to leave a selection without confirming it. */
const leavings: Readonly<Record<string, (page: Page) => Promise<unknown>>> = {
  'Escape is pressed': (page) => page.keyboard.press('Escape'),
  'the dialog is closed': (page) => dialog(page).getByRole('button', { name: 'Close' }).click(),
  'Back is clicked': (page) => dialog(page).getByRole('button', { name: 'Back' }).click(),
  'the browser goes back': (page) => page.goBack(),
  'the tab navigates elsewhere': (page) => page.goto('about:blank'),
  'the tab is closed': (page) => page.close({ runBeforeUnload: true }),
};

for (const [name, leave] of Object.entries(leavings))
  test(`a selection is released when ${name}, and its device is free for others at once`, async () => {
    world.gateways.get('owd-01')!.restart();
    const { page, errors } = await open('/overrides', 'anna');
    await page.getByRole('navigation', { name: 'Screens' }).getByRole('link', { name: 'Devices' }).click();
    await fill(page);
    await select(page);
    assert.equal(await triedBy('bert'), 'refused');
    const freed = cancelled();
    await leave(page);
    assert.equal((await freed).user, 'anna');
    assert.equal(await triedBy('bert'), 'applied');
    assert.deepEqual(errors, []);
    await page.context().close();
  });

test('a dialog closed while selecting releases its selection; another value selects again', async () => {
  world.gateways.get('owd-01')!.restart();
  const { page } = await open('/devices', 'anna');
  await fill(page);
  let answer = (): void => undefined;
  const held = new Promise<void>((resolve) => (answer = resolve));
  await page.route('**/pv-1/select', async (route) => {
    await held;
    await route.continue();
  });
  const asked = page.waitForRequest('**/pv-1/select');
  await dialog(page).getByRole('button', { name: 'Select' }).click();
  await asked;
  await page.keyboard.press('Escape');
  await dialog(page).waitFor({ state: 'detached' });
  const late = cancelled();
  answer();
  await late;
  await fill(page);
  await select(page);
  const first = cancelled();
  await dialog(page).getByRole('button', { name: 'Back' }).click();
  await dialog(page).getByLabel('Limit of active power, kW').fill('240');
  await select(page);
  await first;
  await dialog(page).getByRole('button', { name: 'Confirm' }).click();
  await dialog(page).locator('.way-done', { hasText: 'Verified by readback' }).waitFor();
  const given = world.notified.filter(({ kind }) => kind === 'cancel').length;
  await page.keyboard.press('Escape');
  await dialog(page).waitFor({ state: 'detached' });
  await world.desk.release('anna', world.desk.overrideOf('owd-01', 'pv-1')!.id, 'test is over');
  assert.equal(
    world.notified.filter(({ kind }) => kind === 'cancel').length,
    given,
    'a confirmed selection is not released',
  );
  await page.context().close();
});

test('a selection not held by its gateway cannot be confirmed and shows why; an older gateway skips selecting', async () => {
  const gateway = world.gateways.get('owd-01')!;
  const { page } = await open('/devices?q=pv', 'anna');
  await openSetpoint(page, 'pv-1, owd-01/pv-1');
  await dialog(page).getByLabel('Limit of active power, kW').fill('250');
  await dialog(page).getByLabel('Reason').fill('test of the selection');
  const select = dialog(page).getByRole('button', { name: 'Select' });
  const confirm = dialog(page).getByRole('button', { name: 'Confirm' });
  const bert = { setpoint: { activePowerLimitKw: 100 }, durationS: 600, reason: 'bert was first' };
  await world.desk.select('bert', { gateway: 'owd-01', device: 'pv-1', ...bert });
  await select.click();
  await dialog(page).getByText('owd-01 refuses: bert has selected pv-1').waitFor();
  assert.equal(await confirm.isDisabled(), true);
  await page.screenshot({ path: `${pictures}setpoint-held-1440.png` });
  assert.deepEqual(await audit(page), []);
  await dialog(page).getByRole('button', { name: 'Back' }).click();
  gateway.restart();
  gateway.deaf = true;
  await select.click();
  await dialog(page).getByText('Waiting for owd-01').waitFor();
  assert.equal(await confirm.isDisabled(), true);
  assert.equal(await dialog(page).getByText('Selected.').count(), 0, 'nothing is selected yet');
  assert.deepEqual(await audit(page), []);
  await dialog(page).getByRole('button', { name: 'Back' }).click();
  gateway.deaf = false;
  gateway.selects = false;
  await select.click();
  await dialog(page).getByText('owd-01 has an older version').waitFor();
  await confirm.click();
  await dialog(page).locator('.way-done', { hasText: 'Verified by readback' }).waitFor();
  gateway.selects = true;
  await world.desk.release('anna', world.desk.overrideOf('owd-01', 'pv-1')!.id, 'test is over');
  await page.context().close();
});
