import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { ensureBuilt } from './build.ts';
import { ActingServer, PASSWORD } from './testing/acting-server.ts';
import { assertKept, audit, launch, NARROW, pictures, watchedPage, WIDE } from './testing/browser-kit.ts';

const SCREENS: Readonly<Record<string, { readonly path: string; readonly ready: string }>> = {
  devices: { path: '/devices', ready: '.devices tbody tr' },
  overrides: { path: '/overrides', ready: '.overrides tbody tr' },
  desk: { path: '/desk', ready: '.latest tbody tr' },
  register: { path: '/register', ready: '.interventions tbody tr' },
  models: { path: '/models', ready: '.models tbody tr' },
  model: { path: '/models/mdl-owd-1', ready: '.life tbody tr' },
  quarantine: { path: '/quarantine', ready: '.samples tbody tr' },
  areas: { path: '/areas', ready: '.areas-table tbody tr' },
  settings: { path: '/settings', ready: '.areas-table tbody tr' },
};

const server = new ActingServer();
let base: string;
let browser: Browser;

before(async () => {
  const root = await ensureBuilt(() => undefined);
  base = await server.start(root, { anna: ['operator'], bert: ['operator'], erik: ['engineer'], vera: ['viewer'] });
  server.areas.take('anna', { targets: ['region:north'] });
  browser = await launch();
  mkdirSync(pictures, { recursive: true });
});

after(async () => {
  await browser.close();
  await server.stop();
});

/** A page on which somebody has signed in; it remembers what went wrong. */
async function open(path: string, user: string | null, options: BrowserContextOptions = {}) {
  const { page, errors } = await watchedPage(browser, options);
  if (user !== null) await signIn(page, user);
  await page.goto(`${base}${path}`);
  await page.waitForSelector('.links .link-up');
  return { page, errors };
}

async function signIn(page: Page, user: string): Promise<void> {
  await page.goto(`${base}/login`);
  await page.getByLabel('Name', { exact: true }).fill(user);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.keyboard.press('Enter');
  await page.locator('.menu summary', { hasText: user }).waitFor();
}

const dialog = (page: Page) => page.locator('dialog[open]');

async function openSetpoint(page: Page, device: string): Promise<void> {
  await page.getByRole('button', { name: `Setpoint of ${device}` }).click();
  await dialog(page).getByLabel('Reason').waitFor();
}

test('by keyboard alone: a setpoint shows its effect, is selected, confirmed, and verified with its times', async () => {
  const { page, errors } = await open('/devices', 'anna');
  await page.waitForSelector('.devices tbody tr');
  const opener = page.getByRole('button', { name: 'Setpoint of battery-1, owd-01/battery-1' });
  await opener.focus();
  await page.keyboard.press('Enter');
  await dialog(page).getByLabel('Active power, kW').waitFor();
  await page.waitForFunction(() => document.activeElement?.tagName === 'INPUT');
  await page.keyboard.type('-300');
  await dialog(page).locator('.effect tbody').waitFor();
  await page.waitForFunction(() => /Device.*kW.*−300/.test(document.querySelector('.effect')?.textContent ?? ''));
  await dialog(page).getByText('Every limit holds.').waitFor();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Control+A');
  await page.keyboard.type('20');
  await page.keyboard.press('Tab');
  await page.keyboard.type('relieve the feeder');
  await page.screenshot({ path: `${pictures}setpoint-form-1440.png` });
  assert.deepEqual(await audit(page), []);
  await page.keyboard.press('Enter');
  await dialog(page).getByText('Active power −300').waitFor();
  await dialog(page).getByText('owd-01 is ready: it holds the device for you.').waitFor();
  await page.waitForFunction(() => document.activeElement?.textContent === 'Confirm');
  await page.screenshot({ path: `${pictures}setpoint-confirm-1440.png` });
  await page.keyboard.press('Enter');
  await dialog(page).locator('.way-done', { hasText: 'Verified by readback' }).waitFor();
  assert.equal(await dialog(page).locator('.way-time', { hasText: '(+' }).count(), 4);
  await page.screenshot({ path: `${pictures}setpoint-verified-1440.png` });
  assert.deepEqual(await audit(page), []);
  server.world.report();
  await page.keyboard.press('Escape');
  await dialog(page).waitFor({ state: 'detached' });
  assert.equal(await opener.evaluate((element) => element === document.activeElement), true);
  await page.locator('.devices tbody tr', { hasText: 'owd-01/battery-1' }).getByText('override').waitFor();
  const told = server.audit.told.filter(({ on }) => on === 'device:owd-01/battery-1');
  assert.deepEqual(
    told.map(({ who, why, outcome }) => [who, why, outcome]),
    [
      ['anna', 'relieve the feeder', 'done'],
      ['anna', 'relieve the feeder', 'done'],
    ],
  );
  assert.deepEqual(errors, []);
  await page.context().close();
});

for (const [name, { path, ready }] of Object.entries(SCREENS))
  for (const viewport of [WIDE, NARROW])
    for (const colorScheme of ['light', 'dark'] as const)
      test(`${name} at ${viewport.width} px, ${colorScheme}: no error, no violation, no sideways scrolling`, async () => {
        const watched = await open(path, 'anna', { viewport, colorScheme });
        const { page } = watched;
        await page.waitForSelector(ready);
        await page.screenshot({ path: `${pictures}${name}-${viewport.width}-${colorScheme}.png`, fullPage: true });
        await assertKept(watched);
        await page.context().close();
      });

test('an engineer meets a promotion that waits for a second person in the list, with who asks and why', async () => {
  const { page } = await open('/models', 'erik');
  const asked = page.getByRole('link', { name: 'erika asks that mdl-owd-2 becomes canary: seen its errors' });
  await asked.click();
  await page.waitForURL('**/models/mdl-owd-2');
  await page.getByText('erika asks that it becomes canary, because seen its errors').waitFor();
  await page.context().close();
});

test('an engineer sees what did not fit, why and how many, looks at its bytes, and hands it on', async () => {
  const { page } = await open('/gateways', 'erik');
  await page.getByRole('link', { name: 'Quarantine' }).click();
  await page.getByText('12 messages did not fit since the start').waitFor();
  await page.locator('.journals tbody tr', { hasText: 'damaged segment 44' }).waitFor();
  await page.getByRole('button', { name: 'LS-INGEST-003' }).focus();
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.querySelectorAll('.samples tbody tr').length === 4);
  assert.match(page.url(), /code=LS-INGEST-003/);
  await page.locator('.samples summary').first().focus();
  await page.keyboard.press('Enter');
  await page.getByText('poison 9').waitFor();
  assert.deepEqual(await audit(page), []);
  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: 'CSV' }).click();
  assert.match(
    readFileSync(await (await download).path(), 'utf8'),
    /owd-01,spBv1\.0\/north\/DDATA\/owd-01\/pv-1,LS-INGEST-003/,
  );
  await page.context().close();
  const guest = await open('/quarantine', 'vera');
  await guest.page.getByText('for operators and engineers: sign in').waitFor();
  await guest.page.context().close();
});

test('the register names who held a device, how deep and why, and hands it on as CSV', async () => {
  const { page } = await open('/register', 'vera');
  const row = page.locator('.interventions tbody tr', { hasText: 'owd-01/battery-1' });
  await row.getByText('relieve the feeder').waitFor();
  assert.match(await row.innerText(), /anna/);
  const csv = await page.request.get(`${base}/v1/interventions?format=csv`);
  assert.match(await csv.text(), /battery-1,override,anna,300,/);
  await page.context().close();
});

test('an override counts down and is released; the battery follows its plan again', async () => {
  const { page } = await open('/overrides', 'anna');
  const row = page.locator('.overrides tbody tr', { hasText: 'owd-01/battery-1' });
  await row.getByText('relieve the feeder').waitFor();
  await row.getByText('verified').waitFor();
  assert.match(await row.getByRole('timer').innerText(), /\d+ min|\d+ s/);
  await row.getByRole('button', { name: 'Release' }).click();
  await page.getByText('No override stands').waitFor();
  await page.context().close();
});

test('what the gateway refuses is said in words; what cannot be is said at its field', async () => {
  const gateway = server.world.gateways.get('owd-01')!;
  const { page } = await open('/devices?q=pv', 'anna', { viewport: NARROW });
  await openSetpoint(page, 'pv-1, owd-01/pv-1');
  const power = dialog(page).getByLabel('Limit of active power, kW');
  await power.fill('9999');
  await dialog(page).getByText('Beyond 0 to').waitFor();
  assert.equal(await dialog(page).getByRole('button', { name: 'Select' }).isDisabled(), true);
  await power.fill('200');
  await dialog(page).getByLabel('Reason').fill('test of the refusal');
  await dialog(page).locator('.effect tbody').waitFor();
  await page.screenshot({ path: `${pictures}setpoint-form-390.png` });
  assert.deepEqual(await audit(page), []);
  await dialog(page).getByRole('button', { name: 'Select' }).click();
  await dialog(page).getByText('owd-01 is ready').waitFor();
  gateway.state = { ...gateway.state, tagged: ['pv-1'] };
  await dialog(page).getByRole('button', { name: 'Confirm' }).click();
  await dialog(page).getByText('pv-1 is tagged').waitFor();
  gateway.state = { ...gateway.state, tagged: [] };
  await page.context().close();
});

test('what the gateway does not hold is not confirmed: the dialog says why; one of an older version says so and goes the old way', async () => {
  const { world } = server;
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
  assert.deepEqual(await audit(page), []);
  await dialog(page).getByRole('button', { name: 'Back' }).click();
  gateway.deaf = false;
  gateway.selects = false;
  await select.click();
  await dialog(page).getByText('owd-01 is of an older version').waitFor();
  await confirm.click();
  await dialog(page).locator('.way-done', { hasText: 'Verified by readback' }).waitFor();
  gateway.selects = true;
  await world.desk.release('anna', world.desk.overrideOf('owd-01', 'pv-1')!.id, 'test is over');
  await page.context().close();
});

test('controls are off for a viewer, while a link is down, and for a device that is not reached', async () => {
  const viewer = await open('/devices', 'vera');
  await openSetpoint(viewer.page, 'battery-1, owd-01/battery-1');
  await dialog(viewer.page).getByText('Needs an operator').waitFor();
  assert.equal(await dialog(viewer.page).getByRole('button', { name: 'Select' }).isDisabled(), true);
  await viewer.page.context().close();
  const gateway = server.world.gateways.get('whf-01')!;
  const { page } = await open('/devices', 'anna');
  await openSetpoint(page, 'battery-1, whf-01/battery-1');
  gateway.link = 'down';
  await dialog(page).getByText('The link to whf-01 is down').waitFor({ timeout: 15_000 });
  gateway.link = 'up';
  gateway.links.set('battery-1', 'stale');
  await dialog(page).getByText('does not reach it').waitFor({ timeout: 15_000 });
  gateway.links.clear();
  await page.context().close();
});

test('a feeder is taken to manual, tagged and stopped; each shows as its gateway tells it, and lifting is as plain', async () => {
  const { page } = await open('/desk', 'anna');
  const row = page.locator('.desk-table tr', { has: page.locator('a[href="/feeders/whf-1"]') });
  await row.waitFor();
  const confirm = async (name: string, reason: string): Promise<void> => {
    await dialog(page).getByText(name).first().waitFor();
    await dialog(page).getByLabel('Reason').fill(reason);
    await page.keyboard.press('Enter');
    await dialog(page).locator('.way-done', { hasText: 'Applied' }).waitFor();
    await page.keyboard.press('Escape');
    await dialog(page).waitFor({ state: 'detached' });
  };
  await row.getByLabel('Mode of whf-1').selectOption('manual');
  await confirm('Set whf-1 to manual', 'works on the line');
  await page.waitForFunction(
    () => document.querySelector<HTMLSelectElement>('[aria-label="Mode of whf-1"]')?.value === 'manual',
  );
  await row.getByRole('button', { name: 'Tag whf-1' }).click();
  await confirm('Tag whf-1', 'works on the line');
  await row.getByText('all tagged').waitFor();
  await row.getByRole('button', { name: 'Untag whf-1' }).click();
  await confirm('Remove the tag', 'works are over');
  await row.getByRole('button', { name: 'Stop whf-1' }).click();
  assert.deepEqual(await audit(page), []);
  await dialog(page).getByRole('button', { name: 'Fire or smoke' }).click();
  assert.equal(await dialog(page).getByLabel('Reason').inputValue(), 'Fire or smoke');
  assert.deepEqual(await audit(page), []);
  await confirm('Stop whf-1', 'smoke');
  await row.getByText('all stopped').waitFor();
  await row.getByRole('button', { name: 'Lift stop of whf-1' }).click();
  await confirm('Lift the stop', 'it is out');
  await row.getByText('2 free').waitFor();
  await page.context().close();
});

test('one mode for all feeders that are held: what changes is listed; the whole region waits for a second person', async () => {
  const { page } = await open('/desk', 'anna', { viewport: NARROW });
  await page.getByRole('button', { name: 'Mode of all your feeders' }).click();
  await dialog(page).getByRole('button', { name: 'Monitor' }).click();
  const rows = dialog(page).locator('.mode-changes tbody tr');
  await rows.nth(3).waitFor();
  assert.match(await rows.first().innerText(), /owd-1\s+automatic\s+monitor/);
  await dialog(page).getByLabel('Reason').fill('works at the control centre');
  await page.screenshot({ path: `${pictures}region-mode-390.png` });
  assert.deepEqual(await audit(page), []);
  await dialog(page).getByRole('button', { name: 'Ask a second person' }).click();
  await dialog(page).getByText('takes two persons').waitFor();
  await page.keyboard.press('Escape');
  const bert = await open('/desk', 'bert');
  await bert.page.getByLabel('Why').fill('agreed');
  await bert.page.getByRole('button', { name: 'Approve', exact: true }).click();
  const shows = (mode: string) =>
    page.waitForFunction(
      (wanted) =>
        [...document.querySelectorAll<HTMLSelectElement>('.desk-table select')].every(({ value }) => value === wanted),
      mode,
    );
  await shows('monitor');
  // Of a part that is held the feeders go one by one, and need no second person.
  server.areas.take('bert', { targets: ['feeder:whf-2'], reason: 'test' });
  await page.getByRole('button', { name: 'Mode of all your feeders' }).click();
  await dialog(page).getByRole('button', { name: 'Automatic' }).click();
  await dialog(page).getByText('1 feeder held by others').waitFor();
  await dialog(page).getByLabel('Reason').fill('works are over');
  await dialog(page).getByRole('button', { name: 'Set 3 feeders to automatic' }).click();
  await dialog(page).locator('.way-done', { hasText: 'Applied' }).nth(2).waitFor();
  await page.keyboard.press('Escape');
  server.areas.take('anna', { targets: ['feeder:whf-2'], reason: 'test' });
  await page.getByRole('button', { name: 'Mode of all your feeders' }).click();
  await dialog(page).getByRole('button', { name: 'Automatic' }).click();
  await dialog(page).locator('.mode-changes tbody tr', { hasText: 'whf-2' }).waitFor();
  await page.context().close();
  await bert.page.context().close();
});

test('raised limits need a second person: who asks cannot approve, another can, and they count down', async () => {
  const anna = await open('/desk', 'anna');
  await anna.page.getByRole('button', { name: 'Raise the limits of owd', exact: true }).click();
  await dialog(anna.page).getByLabel('Reason').fill('the neighbour is out');
  await dialog(anna.page).getByRole('button', { name: 'Ask a second person' }).click();
  await dialog(anna.page).getByText('waits for a second person').waitFor();
  await anna.page.keyboard.press('Escape');
  await anna.page.getByText('another operator decides').waitFor();
  assert.equal(await anna.page.getByRole('button', { name: 'Approve', exact: true }).count(), 0);
  const bert = await open('/', 'bert', { viewport: NARROW });
  const asked = bert.page.getByRole('region', { name: 'Asked of a second person' });
  await asked.getByText('anna asks a second person: Raise the limits of owd, the neighbour is out.').waitFor();
  await bert.page.screenshot({ path: `${pictures}asked-390.png` });
  assert.deepEqual(await audit(bert.page), []);
  await asked.getByRole('link', { name: 'Decide' }).click();
  await asked.waitFor({ state: 'detached' });
  await bert.page.waitForFunction(() => {
    const box = document.querySelector('.approvals input')?.getBoundingClientRect();
    return box !== undefined && box.top >= 0 && box.bottom <= window.innerHeight;
  });
  await bert.page.setViewportSize(WIDE);
  await bert.page.getByLabel('Why').fill('agreed by telephone');
  await bert.page.screenshot({ path: `${pictures}desk-approval-1440.png`, fullPage: true });
  assert.deepEqual(await audit(bert.page), []);
  await bert.page.getByRole('button', { name: 'Approve', exact: true }).click();
  await anna.page.getByText(/raised, \d+ min left/).waitFor();
  const told = server.audit.told.at(-1);
  assert.deepEqual([told?.who, told?.approver, told?.on], ['bert', 'bert', 'substation:owd']);
  await anna.page.context().close();
  await bert.page.context().close();
});

test('on a phone what is done about a device stands within its card', async () => {
  const { page } = await open('/devices', 'anna', { viewport: NARROW });
  await page.waitForSelector('.devices tbody tr');
  const outside = await page.evaluate(
    () =>
      [...document.querySelectorAll('.devices tbody button')].filter((each) => {
        const box = each.getBoundingClientRect();
        return box.left < 0 || box.right > window.innerWidth;
      }).length,
  );
  assert.equal(outside, 0);
  await page.context().close();
});

test('a long list of areas and of places is searched and paged, and what is found is taken at once', async () => {
  const { page } = await open('/areas', 'anna');
  const lines = page.locator('.areas-table tbody tr');
  await lines.first().waitFor();
  const whole = await lines.count();
  await page.getByLabel('Search areas').fill('whf-2');
  await page.waitForFunction(() => document.querySelectorAll('.areas-table tbody tr').length === 2);
  await page.getByLabel('Search areas').fill('');
  await page.getByLabel('Whose').selectOption('others');
  await page.getByText('No area fits.').waitFor();
  await page.getByLabel('Whose').selectOption('mine');
  await page.getByRole('button', { name: `Hand over these ${whole}`, exact: true }).waitFor();
  assert.deepEqual(await audit(page), []);
  await page.goto(`${base}/desk`);
  await page.getByLabel('Search places').fill('owd-2');
  const places = page.locator('.desk-table tbody tr');
  await page.waitForFunction(() => document.querySelectorAll('.desk-table tbody tr').length === 2);
  assert.match((await places.last().textContent()) ?? '', /owd-2/);
  await page.getByLabel('Search places').fill('nowhere');
  await page.getByText('No place fits.').waitFor();
  await page.context().close();
});

test('areas change hands: another does not act there, takes over with a reason, hands over, and what nobody holds is open to all', async () => {
  for (const { holder, id } of server.areas.view().losses) server.areas.seen(holder, id);
  const bert = await open('/devices', 'bert');
  await openSetpoint(bert.page, 'battery-1, whf-01/battery-1');
  await dialog(bert.page).getByText('anna holds whf-1').waitFor();
  assert.equal(await dialog(bert.page).getByRole('button', { name: 'Select' }).isDisabled(), true);
  assert.deepEqual(await audit(bert.page), []);
  await bert.page.goto(`${base}/areas`);
  await bert.page.getByRole('button', { name: 'Take over whf-1' }).click();
  await dialog(bert.page).getByLabel('Reason').fill('works on the line');
  await bert.page.screenshot({ path: `${pictures}area-take-over-1440.png` });
  assert.deepEqual(await audit(bert.page), []);
  await bert.page.keyboard.press('Enter');
  const row = bert.page.locator('.areas-table tr', { has: bert.page.locator('a[href="/feeders/whf-1"]') });
  await row.getByText('bert (you)').waitFor();
  await row.getByRole('button', { name: 'Hand over' }).click();
  await dialog(bert.page).getByLabel('To').selectOption('anna');
  await dialog(bert.page).getByLabel('Reason').fill('works are over');
  await bert.page.keyboard.press('Enter');
  await row.getByText('offered to anna: works are over').waitFor();

  const anna = await open('/', 'anna', { viewport: NARROW });
  const told = anna.page.getByRole('region', { name: 'What became of your areas' });
  await told.getByText('bert took whf-1 over from you: works on the line').waitFor();
  await anna.page.screenshot({ path: `${pictures}area-lost-390.png` });
  assert.deepEqual(await audit(anna.page), []);
  await anna.page.goto(`${base}/devices`);
  await told.waitFor();
  await bert.page.getByText('anna has not seen yet that whf-1 was taken by bert').waitFor();
  await told.getByRole('button', { name: 'Seen' }).click();
  await told.waitFor({ state: 'detached' });
  await bert.page.getByText('anna has not seen yet').waitFor({ state: 'detached' });
  await anna.page.goto(`${base}/areas`);
  await anna.page.getByRole('button', { name: 'Decline whf-1' }).click();
  await dialog(anna.page).getByLabel('Reason').fill('until the line is clear');
  await anna.page.screenshot({ path: `${pictures}area-decline-390.png` });
  assert.deepEqual(await audit(anna.page), []);
  await anna.page.keyboard.press('Enter');
  await anna.page.getByRole('button', { name: 'Decline whf-1' }).waitFor({ state: 'detached' });
  const declined = bert.page.getByRole('region', { name: 'What became of your areas' });
  await declined.getByText('anna declined whf-1, which you offered and still hold: until the line is clear').waitFor();
  assert.deepEqual(await audit(bert.page), []);
  await bert.page.screenshot({ path: `${pictures}area-declined-1440.png` });
  await declined.getByRole('button', { name: 'Seen' }).click();
  await row.getByText('bert (you)').waitFor();
  await row.getByRole('button', { name: 'Hand over' }).click();
  await dialog(bert.page).getByLabel('To').selectOption('anna');
  await dialog(bert.page).getByLabel('Reason').fill('the line is clear');
  await bert.page.keyboard.press('Enter');
  await anna.page.goto(`${base}/`);
  await anna.page.getByRole('button', { name: 'Take 1 offered to you' }).click();
  await anna.page.getByText('all 6 held').waitFor();
  server.areas.release('anna', { targets: ['feeder:whf-1'], reason: 'test' });
  await anna.page.goto(`${base}/devices?q=whf`);
  await openSetpoint(anna.page, 'battery-1, whf-01/battery-1');
  await dialog(anna.page).getByLabel('Active power, kW').fill('-20');
  await dialog(anna.page).getByLabel('Reason').fill('open to all');
  await anna.page.locator('dialog button:enabled', { hasText: 'Select' }).waitFor();
  assert.deepEqual(await audit(anna.page), []);
  const written = server.audit.told
    .filter(({ what }) => what.includes('areas'))
    .map(({ who, on, why }) => [who, on, why]);
  assert.deepEqual(written, [
    ['bert', 'feeder:whf-1', 'works on the line'],
    ['bert', 'feeder:whf-1', 'works are over'],
    ['anna', 'feeder:whf-1', 'works on the line'],
    ['anna', 'feeder:whf-1', 'until the line is clear'],
    ['bert', 'feeder:whf-1', 'until the line is clear'],
    ['bert', 'feeder:whf-1', 'the line is clear'],
    ['anna', 'feeder:whf-1', undefined],
  ]);
  await bert.page.context().close();
  await anna.page.context().close();
});
