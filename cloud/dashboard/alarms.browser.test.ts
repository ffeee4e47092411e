import assert from 'node:assert/strict';
import { after, before, test, type TestContext } from 'node:test';
import type { Browser, Locator, Page } from 'playwright-core';
import { AlarmRig } from '../alarms/testing/alarm-rig.ts';
import { buildApi } from '../api/app.ts';
import { fixtureDeps, memoryAudit, openedAreas, openedPeople, smallRegion, START } from '../api/testing/api-fixture.ts';
import { ensureBuilt } from './build.ts';
import { audit as violations, launch, pageOf } from './testing/browser-kit.ts';

let root: string;
let browser: Browser;

before(async () => {
  root = await ensureBuilt(() => undefined);
  browser = await launch();
});
after(() => browser.close());

/** The real server over an alarm desk with a manual clock, with an operator signed in. */
async function desk(context: TestContext, areas: '*' | string[] = '*') {
  const region = smallRegion();
  const rig = new AlarmRig({ region, startMs: START });
  await rig.started;
  const people = openedPeople();
  const audit = memoryAudit();
  await people.ensureUser({ name: 'anna', roles: ['operator'], areas }, 'four blue lamps');
  await people.ensureUser({ name: 'bert', roles: ['operator'], areas: '*' }, 'five blue lamps');
  const responsible = openedAreas(region, people);
  const { clock, alarms } = rig;
  const { app, stream } = await buildApi(
    fixtureDeps({ region, clock, alarms, audit, people, areas: responsible, guests: false, dashboardRoot: root }),
  );
  stream.start();
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as { port: number };
  const base = `http://127.0.0.1:${port}`;
  const page = await pageOf(browser);
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  await page.goto(`${base}/login`);
  context.after(async () => {
    await page.context().close();
    stream.stop();
    await app.close();
    await rig.close();
  });
  await page.addInitScript(() => {
    const heard: number[] = [];
    class Heard extends AudioContext {
      override createOscillator(): OscillatorNode {
        heard.push(1);
        return super.createOscillator();
      }
    }
    Object.assign(globalThis, { heard, AudioContext: Heard });
  });
  await page.getByLabel('Name', { exact: true }).fill('anna');
  await page.getByLabel('Password', { exact: true }).fill('four blue lamps');
  await page.keyboard.press('Enter');
  await page.waitForURL(`${base}/`);
  await page.goto(`${base}/alarms`);
  /** Advances time, and with it what the page receives. */
  const pass = (ms: number) => clock.advance(ms);
  return { rig, page, errors, audit, base, pass, responsible };
}

const heard = (page: Page): Promise<number> =>
  page.evaluate(() => (globalThis as unknown as { heard: number[] }).heard.length);

test('by keyboard: an alarm sounds and is acknowledged, another is shelved; its control is one key away', async (context) => {
  const { rig, page, errors, audit, base, pass } = await desk(context);
  await page.getByText('No alarm stands.').waitFor();
  await rig.tell('owd-01', { code: 'LS-CONTROL-005', device: 'pv-1', text: 'pv-1 does not follow' });
  await rig.tell('whf-01', {
    code: 'LS-CONTROL-004',
    subject: 'unmet:t',
    severity: 'high',
    text: 'transformer is past its limit',
  });
  await pass(2_000);
  await page.locator('.alarms tbody tr').nth(1).waitFor();
  const rows = page.locator('.alarms tbody tr');
  assert.match(await rows.first().innerText(), /transformer is past its limit/);
  await page.waitForFunction(() => (globalThis as unknown as { heard: number[] }).heard.length > 0);
  await page.getByRole('button', { name: 'Silence' }).click();
  const sounds = await heard(page);

  await rows.first().locator('.row-link').focus();
  await page.keyboard.press('a');
  await page.locator('.alarms tbody tr:first-child', { hasText: 'acknowledged' }).waitFor();
  await page.keyboard.press('ArrowDown');
  await page.locator('.alarm-side', { hasText: 'Device does not follow' }).waitFor();
  await page.getByText('Set the device by hand or tag it').waitFor();
  await page.keyboard.press('s');
  await page.keyboard.type('inverter is being changed');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Shelved 1' }).waitFor();
  assert.equal(await rows.count(), 1);
  await page.getByRole('button', { name: 'Shelved 1' }).click();
  await page.locator('.alarm-side', { hasText: 'inverter is being changed' }).waitFor();
  assert.deepEqual(await violations(page), []);
  assert.equal(await heard(page), sounds, 'silenced is silenced');
  assert.deepEqual(
    audit.entries.filter(({ what }) => what.includes('alarms')).map(({ who, what, why }) => [who, what, why]),
    [
      ['anna', 'POST /v1/alarms/acknowledge', undefined],
      ['anna', 'POST /v1/alarms/:id/shelve', '60 min: inverter is being changed'],
    ],
  );
  await page.getByRole('button', { name: /^Standing/ }).click();
  await page.locator('.alarms .row-link').first().focus();
  await page.keyboard.press('Enter');
  await page.waitForURL(`${base}/feeders/whf-1`);
  assert.deepEqual(
    errors.filter((error) => !error.includes('503')),
    [],
  );
});

test('an alarm that comes on top takes over neither the focused row, nor the side panel, nor its form', async (context) => {
  const { rig, page, pass } = await desk(context);
  await rig.tell('owd-01', { code: 'LS-CONTROL-005', device: 'pv-1', text: 'pv-1 does not follow' });
  await pass(20_000);
  const rows = page.locator('.alarms tbody tr');
  const side = page.locator('.alarm-side');
  await side.getByText('pv-1 does not follow').waitFor();
  await page.locator('.alarms [tabindex="0"]').focus();
  const comes = async (subject: string, count: number): Promise<void> => {
    await rig.tell('whf-01', {
      code: 'LS-CONTROL-004',
      subject,
      severity: 'high',
      text: `${subject} is past its limit`,
    });
    await pass(2_000);
    await rows.nth(count - 1).waitFor();
    assert.match(await rows.first().innerText(), /is past its limit/);
  };
  await comes('unmet:t', 2);
  await side.getByText('pv-1 does not follow').waitFor();
  await page.keyboard.press('a');
  await page.waitForFunction(() => document.querySelectorAll('.alarms tr.open').length === 1);
  assert.match(await page.locator('.alarms tr.open').innerText(), /unmet:t is past/);

  await side.getByRole('button', { name: 'Shelve' }).click();
  await page.keyboard.type('inverter is ');
  await comes('unmet:line', 3);
  // The alarm leaves the list under the form.
  await rig.tell('owd-01', { code: 'LS-CONTROL-005', device: 'pv-1', text: 'pv-1 follows', active: false });
  await pass(60_000);
  await page.waitForFunction(() => document.querySelectorAll('.alarms tbody tr').length === 2);
  await side.getByRole('form', { name: 'pv-1 does not follow' }).waitFor();
  await page.keyboard.type('being changed');
  await page.keyboard.press('Enter');
  await side.getByText('is over').waitFor();
  assert.equal(await rows.count(), 2, 'no other alarm is shelved');
});

test('a screen reader hears each new alarm on the list, and none again once a newer one is acknowledged', async (context) => {
  const { rig, page, pass } = await desk(context);
  const status = page.locator('main > p[role=status]');
  await page.getByText('No alarm stands.').waitFor();
  assert.equal(await status.innerText(), '', 'it is there before the first alarm');
  const says = (text: string): Promise<void> => status.filter({ hasText: text }).waitFor({ state: 'attached' });
  await rig.tell('owd-01', { code: 'LS-CONTROL-005', device: 'pv-1', text: 'pv-1 does not follow' });
  await pass(20_000);
  await says('owd-01: pv-1 does not follow');
  await rig.tell('whf-01', { code: 'LS-METER-003', device: 'transformer', text: 'the meter is silent' });
  await pass(20_000);
  await says('whf-01: the meter is silent');
  await page.locator('.alarms .row-link', { hasText: 'the meter is silent' }).click();
  await page.keyboard.press('a');
  await page.waitForFunction(() => document.querySelectorAll('.alarms tr.open').length === 1);
  assert.equal(await status.innerText(), '');
});

test('an alarm whose condition is gone shows since when, wherever it is listed', async (context) => {
  const { rig, page, base, pass } = await desk(context);
  const limit = { code: 'LS-CONTROL-004', subject: 'unmet:transformer', severity: 'high', text: 'over it' } as const;
  await rig.tell('owd-01', limit);
  await pass(2000);
  const row = page.locator('table.alarms tbody tr', { hasText: 'over it' });
  await row.waitFor();
  assert.equal(await page.getByText(/^gone since /).count(), 0);
  await rig.tell('owd-01', { ...limit, active: false });
  await pass(2000);
  const isSaid = (place: Locator): Promise<void> => place.getByText(/^gone since /).waitFor();
  await isSaid(row);
  await isSaid(page.locator('.alarm-side'));
  await page.goto(`${base}/`);
  await isSaid(page.locator('.alarm-banner'));
  await isSaid(page.locator('.alarm-list'));
});

test('the banner is on every screen, leads to the control in one step and sounds for new alarms only', async (context) => {
  const { rig, page, base, pass } = await desk(context);
  await page.goto(`${base}/gateways`);
  await page.waitForSelector('.links .link-up');
  await rig.tell('owd-01', { code: 'LS-CONTROL-006', severity: 'medium', text: 'the heartbeat of the cloud is lost' });
  await pass(2_000);
  const banner = page.getByRole('region', { name: 'Newest alarm' });
  await banner.getByText('the heartbeat of the cloud is lost').waitFor();
  await banner.getByRole('button', { name: 'Silence' }).click();
  await rig.tell('whf-01', {
    code: 'LS-CONTROL-004',
    subject: 'unmet:t',
    severity: 'high',
    text: 'transformer is past its limit',
  });
  await pass(2_000);
  await banner.getByText('transformer is past its limit').waitFor();
  await banner.getByRole('button', { name: 'Silence' }).waitFor();
  await banner.getByText('1 more').waitFor();
  assert.deepEqual(await violations(page), []);
  await banner.getByRole('button', { name: 'Acknowledge' }).click();
  await banner.getByText('the heartbeat of the cloud is lost').waitFor();
  await banner.getByRole('button', { name: 'Acknowledge' }).click();
  await banner.waitFor({ state: 'detached' });
});

test('a flood is announced and grouped by source, first-out on top; alarms of other areas cannot be acknowledged', async (context) => {
  const { rig, page, pass } = await desk(context, ['substation:owd']);
  for (let device = 0; device < 12; device++) {
    await rig.tell('owd-01', { code: 'LS-CONTROL-005', device: `pv-${device}`, text: `pv-${device} does not follow` });
    await pass(1_000);
  }
  await rig.tell('whf-01', { code: 'LS-METER-003', device: 'transformer', text: 'the meter is silent' });
  await pass(20_000);
  await page.getByText(/^Alarm flood for/).waitFor();
  const rows = page.locator('.alarms tbody tr');
  await rows.nth(12).waitFor();
  const texts = await rows.allInnerTexts();
  const first = texts.findIndex((text) => text.includes('pv-0 does not follow'));
  assert.ok(first === 0 || texts[first - 1]!.includes('whf-01'), 'the first-out alarm is on top of its source');
  assert.match(texts[first]!, /first/);
  await page.getByRole('button', { name: 'My area' }).click();
  await page.locator('.alarms .row-link', { hasText: 'the meter is silent' }).click();
  await page.locator('.alarm-side .acts').getByRole('button', { name: 'Acknowledge' }).click();
  await page.getByText('substation:whf is not in the areas where anna may act').waitFor();
});

test('acknowledging many alarms needs a confirmation and leaves out priority 1', async (context) => {
  const { rig, page, audit, pass } = await desk(context);
  for (const device of ['pv-1', 'pv-2', 'pv-3'])
    await rig.tell('owd-01', { code: 'LS-CONTROL-005', device, text: `${device} does not follow` });
  await rig.tell('whf-01', {
    code: 'LS-CONTROL-004',
    subject: 'unmet:t',
    severity: 'high',
    text: 'transformer is past its limit',
  });
  await pass(20_000);
  await page.locator('.alarms tbody tr').nth(3).waitFor();
  await page.getByRole('button', { name: 'Acknowledge these 3' }).click();
  const asked = page.locator('dialog[open]');
  await asked.getByText('1 alarm of priority 1').waitFor();
  assert.deepEqual(await violations(page), []);
  await page.keyboard.press('Escape');
  await asked.waitFor({ state: 'detached' });
  const acts = () => audit.entries.filter(({ what }) => what === 'POST /v1/alarms/acknowledge').length;
  assert.equal(acts(), 0, 'nothing is acknowledged without confirmation');
  await page.getByRole('button', { name: 'Acknowledge these 3' }).click();
  await asked.getByRole('button', { name: 'Acknowledge 3' }).click();
  await asked.waitFor({ state: 'detached' });
  await page.waitForFunction(() => document.querySelectorAll('.alarms tr.open').length === 1);
  assert.match(await page.locator('.alarms tr.open').innerText(), /transformer is past its limit/);
  assert.equal(acts(), 1);
});

test('the alarm list is three keys away, and the focus stays in it after each act', async (context) => {
  const { rig, page, base, pass } = await desk(context);
  for (const device of ['pv-1', 'pv-2', 'pv-3'])
    await rig.tell('owd-01', { code: 'LS-CONTROL-005', device, text: `${device} does not follow` });
  await pass(20_000);
  await page.goto(`${base}/`);
  await page.waitForSelector('.links .link-up');
  for (const key of ['Tab', 'Tab', 'Enter']) await page.keyboard.press(key);
  await page.waitForFunction(() => document.activeElement?.matches('.alarms .row-link') === true);
  const focused = () => page.evaluate(() => document.activeElement?.textContent ?? '');
  const first = await focused();
  await page.keyboard.press('a');
  await page.waitForFunction(() => document.querySelectorAll('.alarms tr.open').length === 2);
  await page.waitForFunction((text) => document.activeElement?.textContent === text, first);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('a');
  await page.waitForFunction(() => document.querySelectorAll('.alarms tr.open').length === 1);
  await page.waitForFunction(() => document.activeElement?.matches('.alarms .row-link') === true);
  await page.locator('.alarms tr.open .row-link').click();
  const button = page.locator('.alarm-side .acts').getByRole('button', { name: 'Acknowledge' });
  await button.focus();
  await page.keyboard.press('Enter');
  await button.waitFor({ state: 'detached' });
  await page.waitForFunction(() => document.activeElement?.closest('.alarm-side') !== null);
});

test('figures are shown with their targets', async (context) => {
  const { rig, page, base, pass } = await desk(context);
  await rig.tell('owd-01', { code: 'LS-CONTROL-005', device: 'pv-1' });
  await pass(2_000);
  await page.goto(`${base}/alarm-figures`);
  const row = page.locator('.figures tr', { hasText: 'Ten most frequent together' });
  await row.getByText('missed').waitFor();
  assert.match(await row.innerText(), /100 %/);
  await page.getByText('Device does not follow').waitFor();
});

test('an alarm in an area held by another names the holder, has no buttons and is hidden by My area', async (context) => {
  const { rig, page, base, pass, responsible } = await desk(context);
  await responsible.take('bert', { targets: ['substation:whf'] });
  await rig.tell('whf-01', { code: 'LS-METER-003', device: 'transformer', text: 'the meter is silent' });
  await pass(20_000);
  await page.locator('.alarm-side', { hasText: 'bert holds whf and acts on its alarms' }).waitFor();
  assert.deepEqual(await violations(page), []);
  await page.getByRole('button', { name: 'My area' }).click();
  await page.getByText('No alarm stands.').waitFor();
  await page.goto(`${base}/gateways`);
  await page.waitForSelector('.links .link-up');
  assert.equal(await page.getByRole('region', { name: 'Newest alarm' }).count(), 0, 'it is not in the banner either');
  await page.goto(`${base}/settings`);
  await page.getByRole('group', { name: 'Alarms shown and sounded' }).getByRole('button', { name: 'All' }).click();
  const banner = page.getByRole('region', { name: 'Newest alarm' });
  await banner.getByText('held by bert').waitFor();
  assert.equal(await banner.getByRole('button', { name: 'Acknowledge' }).count(), 0);
});
