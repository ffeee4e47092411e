import assert from 'node:assert/strict';
import { test } from 'node:test';
import { audit, NARROW, pictures, WIDE } from './testing/browser-kit.ts';
import { dashboardRig } from './testing/dashboard-rig.ts';
import { FIXTURE_USER, FixtureServer } from './testing/fixture-server.ts';
import { assertOutline } from './testing/outline.ts';

const rig = dashboardRig();
const { open } = rig;

test('a spike needs an operator; a wrong password is reported; then events arrive live until sign-out', async () => {
  const { page } = await open('/feeders/owd-1');
  const spike = page.getByRole('button', { name: 'Add 30 % load' });
  await spike.waitFor();
  assert.equal(await spike.isDisabled(), true);
  await page.getByRole('link', { name: 'Sign in' }).click();
  await page.getByLabel('Name', { exact: true }).fill(FIXTURE_USER.name);
  await page.getByLabel('Password', { exact: true }).fill('wrong');
  await page.keyboard.press('Enter');
  await page.getByText('name or password is wrong').waitFor();
  await page.getByLabel('Password', { exact: true }).fill(FIXTURE_USER.password);
  await page.keyboard.press('Enter');
  await page.locator('.menu summary', { hasText: FIXTURE_USER.name }).waitFor();
  await page.goto(`${rig.base}/feeders/owd-1`);
  await spike.click();
  await page.getByText('Accepted for').waitFor();
  await page.locator('.top nav a', { hasText: 'Events' }).click();
  await page.getByText('Guard relieves').first().waitFor();
  await page.locator('.menu summary').click();
  assert.deepEqual(await audit(page), []);
  await assertOutline(page.locator('header.top'), 'frame');
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('link', { name: 'Sign in' }).waitFor();
  await page.context().close();
});

test('the clock shows a busy machine and the speed of plant time, at every width', async () => {
  for (const viewport of [WIDE, NARROW]) {
    rig.server.world.reach = 1;
    const { page } = await open('/', { viewport });
    await page.getByText('plant time, 60×').waitFor();
    rig.server.world.reach = 0.21;
    await page.goto(`${rig.base}/alarms`);
    const busy = page.getByText('machine is busy: 12.6× of 60×');
    await busy.waitFor();
    assert.equal(await busy.count(), 1);
    await page.screenshot({ path: `${pictures}busy-${viewport.width}.png` });
    assert.equal(
      await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth),
      true,
      `${viewport.width}`,
    );
    assert.deepEqual(await audit(page), []);
    await page.context().close();
  }
  rig.server.world.reach = 1;
});

test('a planner requests seven days and sees where the model ends', async () => {
  for (const viewport of [WIDE, NARROW]) {
    const { page, errors } = await open('/forecast/owd', { viewport });
    const button = page.getByRole('button', { name: 'Seven days' });
    await button.waitFor();
    assert.equal(await button.isDisabled(), true, 'a guest reads');
    await page.goto(`${rig.base}/login`);
    await page.getByLabel('Name', { exact: true }).fill(FIXTURE_USER.name);
    await page.getByLabel('Password', { exact: true }).fill(FIXTURE_USER.password);
    await page.keyboard.press('Enter');
    await page.locator('.menu summary', { hasText: FIXTURE_USER.name }).waitFor();
    await page.goto(`${rig.base}/forecast/owd`);
    await button.click();
    await page.getByText('beyond the horizon of the model, week-ahead answers').waitFor();
    assert.match(page.url(), /vintage=fc_substation_owd_\d+-week/);
    const shown = page.getByLabel('Vintage').locator('option:checked', { hasText: /^seven days, issued \d\d:\d\d$/ });
    await shown.waitFor({ state: 'attached' });
    assert.deepEqual(await audit(page), []);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true);
    await page.screenshot({ path: `${pictures}forecast-week-${viewport.width}.png`, fullPage: true });
    // The fixture has no desk for signed-in users.
    assert.deepEqual(
      errors.filter((error) => !error.includes('404')),
      [],
    );
    await page.context().close();
  }
});

test('search runs in the cloud, page by page, beside live events', async (context) => {
  const own = new FixtureServer({ root: rig.root });
  const place = await own.start();
  context.after(() => own.stop());
  const noise = { device: null, subject: null, active: null, kind: 'event', severity: 'info', code: 'noise' } as const;
  for (let n = 0; n < 1200; n++)
    own.world.addEvent({ ...noise, time: own.world.now(), source: 'cloud', text: `Nothing much, ${n}.` });
  for (const viewport of [WIDE, NARROW]) {
    const { page, errors } = await open('/', { viewport });
    await page.goto(`${place}/events`);
    await page.getByText('Nothing much, 1199.').waitFor();
    const rows = page.locator('.events tbody tr');
    const further = page.getByRole('button', { name: 'Search further back' });
    await page.getByLabel('Search', { exact: true }).fill('PLAN verified owd-01');
    await page.getByText(/^[01] found back to /).waitFor();
    for (let pages = 0; pages < 4; pages++) {
      await page.locator('.foot button:enabled').waitFor();
      await further.click();
      await page.getByText(/^\d+ found (back to|in the whole log)/).waitFor();
    }
    await page.getByText(/^\d+ found in the whole log$/).waitFor();
    assert.equal(await further.isDisabled(), true);
    assert.ok((await rows.count()) > 2);
    for (const text of await rows.allInnerTexts()) assert.match(text, /owd-01[^]*plan [^]*verified/i);
    await page.screenshot({ path: `${pictures}events-found-${viewport.width}.png` });
    assert.deepEqual(await audit(page), []);
    const found = await rows.count();
    own.world.addEvent({ ...noise, time: own.world.now(), source: 'owd-01', text: 'Plan verified, and told live.' });
    await page.reload();
    await page.getByLabel('Search', { exact: true }).fill('plan verified owd-01');
    await page.getByText('Plan verified, and told live.').first().waitFor();
    assert.ok(found > 0);
    assert.deepEqual(errors, []);
    await page.context().close();
  }
});

test('requests for plant data use plant time, never machine time', async () => {
  for (const path of ['/scorecards/owd', '/alarm-figures', '/forecast/owd']) {
    const { page } = await open('/login');
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await page.goto(`${rig.base}${path}`);
    await page.waitForSelector('.scores tbody tr, .figures tbody tr, .chart canvas');
    const spans = asked.flatMap((url) =>
      [...new URL(url).searchParams].filter(([name]) => /^(start|from)$/.test(name)),
    );
    assert.ok(spans.length > 0);
    for (const [, start] of spans) assert.ok(Date.parse(start) < Date.parse('2022-01-01'), start);
    await page.context().close();
  }
});
