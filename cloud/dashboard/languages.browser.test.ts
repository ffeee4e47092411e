import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertAccessible, cutTables, NARROW, WIDE } from './testing/browser-kit.ts';
import { dashboardRig } from './testing/dashboard-rig.ts';
import { englishOn } from './testing/english.ts';
import { fixtureIncident } from './testing/fixture-incident.ts';

const SCREENS: Readonly<Record<string, { readonly path: string; readonly ready: string }>> = {
  overview: { path: '/', ready: '.stations tbody tr' },
  substation: { path: '/substations/owd', ready: '.chart canvas' },
  feeder: { path: '/feeders/owd-1', ready: '.diagram .bus' },
  forecast: { path: '/forecast/owd', ready: '.chart canvas' },
  scorecard: { path: '/scorecards/owd', ready: '.scores tbody tr' },
  plan: { path: '/plan/owd-1?reasons=all', ready: '.chart canvas' },
  'plan-basis': { path: '/plan/owd-1?show=basis', ready: '.plan-parts' },
  playback: { path: '/playback?at=2021-09-24T18:31:00Z', ready: '.played-back .stations tbody tr' },
  incident: { path: '/incidents/7', ready: '.incident-curve svg' },
  incidents: { path: '/incidents', ready: '.incidents tbody tr' },
  gateways: { path: '/gateways', ready: '.gateways tbody tr' },
  alarms: { path: '/alarms', ready: '.alarms tbody tr' },
  'alarm-figures': { path: '/alarm-figures', ready: '.figures tbody tr' },
  events: { path: '/events', ready: '.events tbody tr' },
  settings: { path: '/settings', ready: '.settings' },
  login: { path: '/login', ready: '.sign-in-form' },
};

const rig = dashboardRig();

for (const [name, { path, ready }] of Object.entries(SCREENS))
  test(`${name} in German at 390 px: no English, nothing cut, no violation`, async () => {
    rig.server.incidents = [fixtureIncident()];
    const watched = await rig.open(path, { viewport: NARROW, locale: 'de-DE' });
    const { page } = watched;
    await page.waitForSelector(ready);
    assert.equal(await page.evaluate(() => document.documentElement.lang), 'de');
    assert.deepEqual(await englishOn(page, 'de'), []);
    assert.deepEqual(await cutTables(page), []);
    const [wide, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    assert.ok(wide <= window, `${wide} px in ${window}`);
    await assertAccessible(watched, `de-${name}`);
    await page.context().close();
  });

for (const locale of ['nl-NL', 'de-DE'])
  test(`${locale} at 1440 px: the head is one row, and no table is cut`, async () => {
    rig.server.incidents = [fixtureIncident()];
    const { page, errors } = await rig.open('/', { viewport: WIDE, locale });
    for (const { path, ready } of ['overview', 'gateways', 'incidents', 'alarms', 'plan'].map(
      (name) => SCREENS[name]!,
    )) {
      await page.goto(`${rig.base}${path}`);
      await page.waitForSelector(ready);
      const head = await page.locator('header.top').boundingBox();
      assert.ok(head!.height < 60, `${head!.height} px on ${path}`);
      assert.deepEqual(await cutTables(page), [], path);
    }
    assert.deepEqual(errors, []);
    await page.context().close();
  });

test('the language is the first supported one of the browser; the settings change and remember it', async () => {
  const { page, errors } = await rig.open('/settings', { locale: 'fr-FR' });
  await page.getByRole('heading', { name: 'Settings' }).waitFor();
  await page.getByRole('button', { name: 'Nederlands' }).click();
  await page.getByRole('heading', { name: 'Instellingen' }).waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.lang), 'nl');
  assert.equal(await page.title(), 'Instellingen · Loadstone');
  assert.equal(await page.evaluate(() => document.activeElement?.tagName), 'H1');
  await page.goto(`${rig.base}/alarms`);
  await page.getByRole('heading', { name: 'Alarmen', exact: true }).waitFor();
  assert.match(await page.locator('header.top').innerText(), /Onderstations|Overzicht/);
  await page.goto(`${rig.base}/settings`);
  await page.getByRole('button', { name: 'English' }).click();
  await page.getByRole('heading', { name: 'Settings' }).waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.lang), 'en');
  assert.deepEqual(errors, []);
  await page.context().close();
});
