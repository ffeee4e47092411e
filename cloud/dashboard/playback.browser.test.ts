import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { allAnswered, assertAccessible, audit, NARROW, pictures } from './testing/browser-kit.ts';
import { dashboardRig } from './testing/dashboard-rig.ts';
import { fixtureIncident } from './testing/fixture-incident.ts';

const rig = dashboardRig();
const { open } = rig;

const AT = '2021-09-24T18:31:00Z';
const bar = (page: Page) => page.getByRole('region', { name: 'Played back' });
const shown = (page: Page, time: string) => page.locator(`.playback-when time[datetime="${time}"]`).waitFor();
const search = (page: Page): string | null => new URL(page.url()).searchParams.get('at');

test('playback is marked on overview and diagram, has no controls, and ages are as of that time', async () => {
  const { page, errors } = await open(`/playback?at=${AT}`);
  await page.waitForSelector('.played-back .stations tbody tr');
  await shown(page, AT);
  assert.match(await bar(page).innerText(), /PAST\s+Fri 24 Sep 2021 20:31 CEST\s+17 h/);
  assert.ok(
    (await page.locator('.played-back .value.is-fresh').count()) > 20,
    'values that were fresh then are shown fresh',
  );
  assert.match(await page.locator('.clock-time').innerText(), /25 Sep 2021/, 'the clock of the frame stays at now');
  await page.getByText('Of MNZL modes, overrides, setpoints, links, plans and alarms were not recorded').waitFor();
  const row = page.locator('.stations tbody tr', { hasText: 'MNZL' });
  assert.match(await row.innerText(), /unknown[^]*unknown/);
  await page.locator('.stations tbody tr', { hasText: 'OWD' }).getByRole('link').first().click();
  await page.waitForSelector('.played-back .diagram .bus');
  assert.match(page.url(), /\/playback\/owd-1\?at=2021-09-24T18:31:00Z$/);
  assert.equal(await page.locator('main button', { hasText: /Setpoint|Add 30 %/ }).count(), 0);
  assert.ok((await page.locator('.bus.is-fresh').count()) > 5);
  await page.getByRole('link', { name: 'Back to now' }).click();
  await page.waitForURL('**/feeders/owd-1');
  await page
    .getByRole('button', { name: /Setpoint of/ })
    .first()
    .waitFor();
  assert.deepEqual(errors, []);
  await page.context().close();
});

test('by keyboard: a minute by arrow, 15 min by button, another day; the URL holds the moment', async () => {
  const { page } = await open(`/playback?at=${AT}`);
  await shown(page, AT);
  await page.getByLabel('Time of day').focus();
  await page.keyboard.press('ArrowRight');
  await shown(page, '2021-09-24T18:32:00Z');
  assert.equal(search(page), '2021-09-24T18:32:00Z');
  await page.getByRole('button', { name: '−15 min' }).focus();
  await page.keyboard.press('Enter');
  await shown(page, '2021-09-24T18:17:00Z');
  await page.getByLabel('Day', { exact: true }).fill('2021-09-23');
  await shown(page, '2021-09-23T18:17:00Z');
  await page.reload();
  await shown(page, '2021-09-23T18:17:00Z');
  await page.getByRole('button', { name: 'UTC' }).click();
  assert.match(await bar(page).innerText(), /Thu 23 Sep 2021 18:17 UTC/);
  assert.equal(await page.getByLabel('Time of day').inputValue(), String(18 * 60 + 17));
  await page.getByRole('button', { name: 'Play', exact: true }).click();
  await shown(page, '2021-09-23T18:19:00Z');
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.context().close();
});

test('playback reports nothing stored, a moment in the future and an unreachable store', async () => {
  const { page } = await open('/playback/owd-1?at=2021-08-01T12:00:00Z');
  await page.getByText('LS-PLAYBACK-001').waitFor();
  assert.equal(await page.locator('.diagram').count(), 0);
  assert.deepEqual(await audit(page), []);
  await page.goto(`${rig.base}/playback?at=2021-08-01T12:00:00Z`);
  await page.waitForSelector('.played-back .stations tbody tr');
  assert.equal(await page.locator('.played-back .value.is-fresh, .played-back .value.is-stale').count(), 0);
  await page.goto(`${rig.base}/playback?at=2031-08-01T12:00:00Z`);
  await page.getByText('LS-API-007').waitFor();
  await page.getByRole('button', { name: '−15 min' }).click();
  await page.waitForSelector('.played-back .stations tbody tr');
  rig.server.isStoreAway = true;
  await page.getByRole('button', { name: '−1 min' }).click();
  await page.getByText('LS-STORE-001').waitFor();
  assert.equal(await page.locator('.played-back .stations').count(), 0, 'no value of another moment stays');
  rig.server.isStoreAway = false;
  await page.getByRole('button', { name: '−1 min' }).click();
  await page.waitForSelector('.played-back .stations tbody tr');
  await page.context().close();
});

test('a new alarm of priority 1 ends playback and says why', async () => {
  const watched = await open(`/playback/owd-1?at=${AT}`);
  const { page } = watched;
  await page.waitForSelector('.played-back .diagram .bus');
  await page.locator('.alarm-banner').first().waitFor();
  assert.match(page.url(), /playback/, 'a standing alarm does not end playback');
  await rig.server.alarms.rig.tell('owd-01', {
    severity: 'high',
    code: 'LS-CONTROL-004',
    subject: 'owd-1',
    text: 'owd-1 carries 120 % of its limit',
  });
  await page.waitForURL('**/feeders/owd-1');
  await page.getByText(/Playback has ended, and this is now: a new alarm came. owd-01: owd-1 carries/).waitFor();
  assert.equal(await page.locator('.played-back').count(), 0);
  await page.screenshot({ path: `${pictures}playback-ended.png` });
  assert.deepEqual(await audit(page), []);
  await page.getByRole('button', { name: 'Seen' }).click();
  await page.getByText('Playback has ended').waitFor({ state: 'detached' });
  await page.context().close();
});

test('alarms that stood before the page opened do not end playback', async () => {
  const { page } = await open('/settings');
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  await page.route('**/v1/stream?**', async (route) => {
    await held;
    await route.continue();
  });
  await page.goto(`${rig.base}/playback/owd-1?at=${AT}`);
  await page.waitForSelector('.played-back .diagram .bus');
  assert.equal(await page.locator('.alarm-banner').count(), 0);
  release();
  await page.locator('.alarm-banner').first().waitFor();
  await allAnswered(page);
  assert.match(page.url(), /playback/);
  await page.context().close();
});

test('playback of an incident starts in the minute before it', async () => {
  rig.server.incidents = [
    {
      id: 7,
      kind: 'spike',
      substation: 'owd',
      gateway: 'owd-01',
      feeder: 'owd-1',
      startedAt: Date.parse(AT) + 20_000,
      endedAt: Date.parse(AT) + 80_000,
      jump: null,
      limit: null,
      reliefs: [],
      entries: [],
    },
  ];
  const { page } = await open('/incidents/7');
  await page.getByRole('link', { name: 'Play from here' }).click();
  await page.waitForURL('**/playback/owd-1?at=2021-09-24T18:30:00Z');
  await page.waitForSelector('.played-back .diagram .bus');
  rig.server.incidents = [];
  await page.context().close();
});

test('incidents are paged back from the newest, which stay live', async () => {
  const of = fixtureIncident();
  rig.server.incidents = Array.from({ length: 120 }, (_, n) => ({
    ...of,
    id: 200 - n,
    startedAt: of.startedAt - n * 3_600_000,
    endedAt: of.startedAt - n * 3_600_000 + 60_000,
  }));
  const { page } = await open('/incidents');
  const rows = page.locator('.incidents tbody tr');
  const first = (id: number) => rows.first().locator(`a[href="/incidents/${id}"]`).waitFor();
  await first(200);
  assert.equal(await rows.count(), 50);
  const older = page.getByRole('button', { name: 'Older' });
  await older.click();
  await first(150);
  await older.click();
  await first(100);
  assert.equal(await rows.count(), 20);
  assert.equal(await older.isDisabled(), true);
  await page.screenshot({ path: `${pictures}incidents-older-1440.png` });
  assert.deepEqual(await audit(page), []);
  await page.getByRole('button', { name: 'Newer' }).click();
  await first(150);
  await page.getByRole('button', { name: 'Newer' }).click();
  await first(200);
  rig.server.incidents = [];
  await page.context().close();
});

test('playback works on a narrow screen', async () => {
  const watched = await open('/playback/mnzl-1?at=2021-09-24T18:31:00Z', { viewport: NARROW });
  await watched.page.waitForSelector('.played-back .diagram .bus');
  await watched.page.getByText('Of this feeder modes, overrides').waitFor();
  await assertAccessible(watched, 'playback-unrecorded');
  await watched.page.context().close();
});
