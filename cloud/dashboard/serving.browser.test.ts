import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { buildApi } from '../api/app.ts';
import { fixtureDeps, openedPeople } from '../api/testing/api-fixture.ts';
import { audit, pictures } from './testing/browser-kit.ts';
import { dashboardRig } from './testing/dashboard-rig.ts';
import { FIXTURE_USER } from './testing/fixture-server.ts';
import { fixtureIncident } from './testing/fixture-incident.ts';
import { assertAllOld, liveLooking, show, visitAll } from './testing/lost-cloud.ts';

const MOST_GZIP_BYTES = 120_000;
const rig = dashboardRig();
const { open } = rig;

test('stale data is never shown as live, with a hanging or dead server and after its return', async () => {
  const { page } = await open('/feeders/owd-1');
  await page.waitForSelector('.bus.is-fresh');
  await page.getByRole('link', { name: 'Sign in' }).click();
  await page.getByRole('button', { name: `Sign in as ${FIXTURE_USER.name}` }).click();
  await page.locator('.menu summary').waitFor();
  await page.goto(`${rig.base}/feeders/owd-1`);
  await page.waitForSelector('.bus.is-fresh');
  const spike = page.getByRole('button', { name: 'Add 30 % load' });
  await page.locator('button.primary:enabled', { hasText: 'Add 30 % load' }).waitFor();
  const lost = async (): Promise<void> => {
    await page.locator('.banner', { hasText: 'Cloud lost' }).waitFor();
    await page.waitForSelector('.bus.is-stale');
    assert.equal(await page.locator('.bus.is-fresh').count(), 0);
    assert.equal(await spike.isDisabled(), true);
  };
  const silence = page.getByRole('button', { name: 'Silence' });
  await silence.click();
  await silence.waitFor({ state: 'detached' });
  rig.server.incidents = [fixtureIncident()];
  const filled = await visitAll(page);
  const drawn = ['overview', 'substation', 'feeder', 'forecast', 'plan', 'gateways', 'alarms', 'incidents', 'events'];
  assert.deepEqual(
    drawn.filter((name) => !filled.has(name)),
    [],
  );
  await show(page, '/feeders/owd-1');
  await page.waitForSelector('.bus.is-fresh');
  rig.server.frozen = true;
  await lost();
  await page.screenshot({ path: `${pictures}feeder-lost.png` });
  assert.deepEqual(await audit(page), []);
  await assertAllOld(page, filled);
  await show(page, '/incidents/7');
  await page.screenshot({ path: `${pictures}incident-lost.png` });
  await show(page, '/feeders/owd-1');
  rig.server.frozen = false;
  await page.locator('.banner').waitFor({ state: 'detached' });
  await page.waitForSelector('.bus.is-fresh');
  // A cloud that was away may have raised other alarms meanwhile, so silenced ones sound again.
  await silence.waitFor();
  assert.ok((await liveLooking(page)).length > 0, 'live values are recognised as such');
  await rig.server.stop();
  await lost();
  await assertAllOld(page, filled);
  await show(page, '/feeders/owd-1');
  await rig.startAgain();
  await page.locator('.banner').waitFor({ state: 'detached' });
  assert.equal(await spike.isDisabled(), false);
  await page.context().close();
});

test('the cloud serves the page, its screens by URL and its stream under its own policy', async (context) => {
  const { app, stream } = await buildApi(fixtureDeps({ dashboardRoot: rig.root }));
  context.after(async () => {
    stream.stop();
    await app.close();
  });
  stream.start();
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as { port: number };
  const { page, errors } = await open('/events');
  for (const path of ['/', '/gateways', '/events']) {
    await page.goto(`http://127.0.0.1:${port}${path}`);
    await page.waitForSelector('.links .link-up');
    assert.match(await page.locator('.clock-time').textContent().then(String), /25 Sep 2021/);
  }
  assert.deepEqual(errors, []);
  await page.context().close();
});

test('on the real server a one-time password must be changed first, and losing the right closes the page', async (context) => {
  const people = openedPeople();
  const rights = { name: 'anna', roles: ['operator'], areas: '*', disabled: false } as const;
  const { oneTimePassword: once } = await people.putUser(rights);
  const { app, stream } = await buildApi(fixtureDeps({ dashboardRoot: rig.root, people, guests: false }));
  context.after(async () => {
    stream.stop();
    await app.close();
  });
  stream.start();
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as { port: number };
  const { page } = await open('/events');
  await page.goto(`http://127.0.0.1:${port}/gateways`);
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await page.getByLabel('Name', { exact: true }).fill('anna');
  await page.getByLabel('Password', { exact: true }).fill(once!);
  await page.keyboard.press('Enter');
  await page.getByLabel('Current password').fill(once!);
  await page.getByLabel('New password').fill('four blue lamps');
  assert.deepEqual(await audit(page), []);
  await page.keyboard.press('Enter');
  await page.waitForURL(`http://127.0.0.1:${port}/`);
  await page.waitForSelector('.links .link-up');
  await people.putUser({ name: 'anna', roles: [], areas: '*', disabled: true });
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await page.context().close();
});

test('the first view loads at most 120 kB gzipped; charts, incidents, playback and trends load on demand', () => {
  const first = readFileSync(`${rig.root}/index.html`, 'utf8');
  const all = readdirSync(`${rig.root}/assets`);
  const files = all.filter((name) => first.includes(name));
  for (const lazy of ['chart-canvas', 'incidents-view', 'playback-view', 'trends-view'])
    assert.ok(all.some((name) => name.startsWith(lazy)) && !files.some((name) => name.startsWith(lazy)), lazy);
  const sizes = files.map((file) => gzipSync(readFileSync(`${rig.root}/assets/${file}`)).length);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  assert.ok(total <= MOST_GZIP_BYTES, `${total} bytes in ${files.join(', ')}`);
  assert.ok(total > 20_000, 'there is a page');
});
