import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NARROW, pictures, WIDE } from './testing/browser-kit.ts';
import { dashboardRig } from './testing/dashboard-rig.ts';

const rig = dashboardRig();
const { open } = rig;

test('a plan shows current setpoint and reason of each device; horizon and details open on demand and by URL', async () => {
  const { page, errors } = await open('/plan/owd-1');
  const reasons = page.getByRole('group', { name: 'Setpoints and their reasons' });
  const rows = reasons.locator('tbody tr');
  const devices = reasons.locator('tbody');
  await rows.first().waitFor();
  const titles = await reasons.locator('thead th').allInnerTexts();
  assert.deepEqual(titles.slice(0, 6), ['Device', 'Planned', 'In force', 'By', 'When', 'Why']);
  const cells = await devices.first().locator('tr').first().locator('td').allInnerTexts();
  assert.match(cells[1]!, /^[\d\u2212.]+ kW$/, 'the value at the device');
  assert.match(cells[2]!, /^(cloud plan|override|local plan|safe default)/, 'and its source');
  const atFirst = await rows.count();
  const more = reasons.getByRole('button', { name: /more parts? of the horizon/ });
  await more.first().click();
  await reasons.getByRole('button', { name: 'Only now' }).waitFor();
  const ofOne = await rows.count();
  assert.match(page.url(), /reasons=[a-z]+-\d/);
  await page.getByRole('button', { name: 'Whole horizon' }).click();
  await more.first().waitFor({ state: 'detached' });
  const ofAll = await rows.count();
  assert.ok(
    (await devices.count()) <= atFirst && atFirst < ofOne && ofOne < ofAll,
    `${await devices.count()} ${atFirst} ${ofOne} ${ofAll}`,
  );
  await page.reload();
  await rows.nth(ofAll - 1).waitFor();
  for (const part of ['Operating envelopes', 'Binding constraints', 'What it rests on']) {
    await page.getByRole('group', { name: 'Details of the plan' }).getByRole('button', { name: part }).click();
    await page.getByRole('region', { name: part }).waitFor();
    await page.reload();
    await page.getByRole('region', { name: part }).waitFor();
  }
  await page.getByRole('button', { name: 'Course' }).click();
  await page.getByRole('region', { name: 'Head of owd-1' }).waitFor();
  assert.deepEqual(errors, []);
  await page.context().close();
});

test('a plan that passes limits names the conflict, its cost and the cost of doing nothing, and splits prices', async () => {
  for (const viewport of [WIDE, NARROW]) {
    const { page, errors } = await open('/plan/lls-1', { viewport });
    await page.getByText('Passes limits', { exact: true }).waitFor();
    await page.getByText('lls-1-b18 cannot stay above 0.95 pu').first().waitFor();
    assert.equal(await page.getByRole('group', { name: 'Constraints in conflict' }).locator('tbody tr').count(), 3);
    await page.getByText(/^8[\s\u00a0\u202f,]?362$/).waitFor();
    const price = page.getByLabel('Price of consumption at lls-1-b18').first();
    assert.match(await price.innerText(), /congestion .15\.29[^]*voltage .95\.24[^]*.90\.00 EUR\/MWh/);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true);
    await page.screenshot({ path: `${pictures}plan-conflict-${viewport.width}.png`, fullPage: true });
    assert.deepEqual(errors, []);
    await page.context().close();
  }
});

test('a plan that holds at the median shows the probability of passing a limit, not that it passes limits', async () => {
  const { page, errors } = await open('/plan/hfdp-1', { viewport: NARROW });
  await page.getByText('Holds at median', { exact: true }).waitFor();
  const panel = page.getByRole('region', { name: 'What room is kept' });
  await panel.getByText('has a breach probability of 18.0 % before the guard').waitFor();
  assert.equal(await page.getByRole('group', { name: 'Constraints in conflict' }).count(), 0);
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true);
  assert.deepEqual(errors, []);
  await page.context().close();
});

test('a plan shows operating envelopes by device, by shared meter and for the gateway, now and later', async () => {
  for (const viewport of [WIDE, NARROW]) {
    const { page, errors } = await open('/plan/owd-1?show=envelopes', { viewport });
    const panel = page.getByRole('region', { name: 'Operating envelopes' });
    const shared = panel.locator('tbody', { hasText: 'cp-shared' });
    await shared.waitFor();
    const text = (await shared.innerText()).replaceAll(/\s+/g, ' ').trim();
    assert.match(text, /all together 0 700 .* 0 6\d\d .* 0 6\d\d at the meter 140 620$/);
    await panel.getByRole('img', { name: 'Envelope of cp-shared over the horizon' }).waitFor();
    const whole = panel.locator('tbody').first();
    const now = await whole.innerText();
    const at = panel.getByRole('combobox');
    await at.selectOption({ index: (await at.locator('option').count()) - 1 });
    await page.waitForFunction(
      ([before]) => document.querySelector<HTMLElement>('.envelopes tbody')?.innerText !== before,
      [now],
    );
    await panel.getByRole('button', { name: 'cp-battery-1' }).click();
    await panel.getByRole('img', { name: 'Envelope of cp-battery-1 over the horizon' }).waitFor();
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true);
    await panel.screenshot({ path: `${pictures}plan-envelopes-${viewport.width}.png` });
    assert.deepEqual(errors, []);
    await page.context().close();
  }
});
