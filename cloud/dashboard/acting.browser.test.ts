import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { actingRig, dialog, openSetpoint } from './testing/acting-rig.ts';
import { assertAccessible, audit, NARROW, pictures, WIDE } from './testing/browser-kit.ts';
import { englishOn } from './testing/english.ts';
import { assertAllOld, everyScreen, liveLooking, show, visitAll } from './testing/lost-cloud.ts';
import { assertOutline } from './testing/outline.ts';

const SCREENS: Readonly<Record<string, { readonly path: string; readonly ready: string }>> = {
  devices: { path: '/devices', ready: '.devices tbody tr' },
  overrides: { path: '/overrides', ready: '.overrides tbody tr' },
  desk: { path: '/desk', ready: '.latest tbody tr' },
  register: { path: '/register', ready: '.interventions tbody tr' },
  models: { path: '/models', ready: '.models tbody tr' },
  model: { path: '/models/mdl-owd-1', ready: '.life tbody tr' },
  quarantine: { path: '/quarantine', ready: '.samples tbody tr' },
  system: { path: '/system', ready: '.versions tbody tr' },
  areas: { path: '/areas', ready: '.areas-table tbody tr' },
  settings: { path: '/settings', ready: '.areas-table tbody tr' },
};

const rig = actingRig();
const { server, open } = rig;

/** Names of the network and of machines, quotes from a rejected message, and reasons of health checks, which are English only. */
const NOT_WORDS = [
  'Feeder 1',
  'Feeder 2',
  'process 1 of cloud-1',
  'process 1 of cloud-2',
  'process 1 of job-1',
  'index out of range: 9 + 11 > 9',
  '120 MB are free at /var/lib/loadstone-cloud, fewer than 500',
];

// Runs before the tests below write reasons.
for (const [language, name] of [
  ['de', 'Deutsch'],
  ['nl', 'Nederlands'],
] as const)
  test(`no screen of an operator or engineer shows English text in ${name}`, async () => {
    const found: string[] = [];
    for (const user of ['anna', 'erik']) {
      const { page } = await open('/settings', user);
      await page.getByRole('button', { name }).click();
      await page.waitForFunction((chosen) => document.documentElement.lang === chosen, language);
      for (const [screen, path] of everyScreen()) {
        await show(page, path);
        await page.waitForSelector(`main.screen-${screen}`);
        await page.waitForFunction(() => document.querySelector('main > .waiting') === null);
        found.push(...(await englishOn(page, language, NOT_WORDS)).map((text) => `${path}: ${text}`));
      }
      await page.context().close();
    }
    assert.deepEqual([...new Set(found)], []);
  });

test('by keyboard: a setpoint shows its effect, is selected, confirmed and verified with its times', async () => {
  const { page, errors } = await open('/devices', 'anna');
  await page.waitForSelector('.devices tbody tr');
  const act = page.getByRole('button', { name: 'Act on battery-1, owd-01/battery-1' });
  await act.focus();
  await page.keyboard.press('Enter');
  const opener = page.getByRole('button', { name: 'Setpoint of battery-1, owd-01/battery-1' });
  await page.waitForFunction(() => document.activeElement?.textContent.startsWith('Setpoint'));
  await page.keyboard.press('Escape');
  await page.waitForFunction(() => document.activeElement?.textContent.startsWith('Act'));
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.activeElement?.textContent.startsWith('Setpoint'));
  const buttons = await page.locator('.devices button').count();
  const commanded = await page.locator('.devices td.desk-acts:not(:empty)').count();
  assert.equal(buttons, commanded + 2, 'one for each device, three for the chosen one');
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
  await assertOutline(dialog(page), 'setpoint');
  await page.keyboard.press('Enter');
  await dialog(page).getByText('Active power −300').waitFor();
  await dialog(page).getByText('owd-01 is ready: it holds the device for you.').waitFor();
  await page.waitForFunction(() => document.activeElement?.textContent === 'Confirm');
  await page.screenshot({ path: `${pictures}setpoint-confirm-1440.png` });
  await assertOutline(dialog(page), 'setpoint-confirm');
  await page.keyboard.press('Enter');
  await dialog(page).locator('.way-done', { hasText: 'Verified by readback' }).waitFor();
  assert.equal(await dialog(page).locator('.way-time[aria-hidden=false]', { hasText: '(+' }).count(), 4);
  await page.screenshot({ path: `${pictures}setpoint-verified-1440.png` });
  assert.deepEqual(await audit(page), []);
  await server.world.report();
  await page.keyboard.press('Escape');
  await dialog(page).waitFor({ state: 'detached' });
  assert.equal(await opener.evaluate((element) => element === document.activeElement), true);
  await page.locator('.devices tbody tr', { hasText: 'owd-01/battery-1' }).getByText('override').waitFor();
  const entries = server.audit.entries.filter(({ on }) => on === 'device:owd-01/battery-1');
  assert.deepEqual(
    entries.map(({ who, why, outcome }) => [who, why, outcome]),
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
    test(`${name} at ${viewport.width} px, light and dark: no error, no violation, no sideways scrolling`, async () => {
      const watched = await open(path, 'anna', { viewport });
      const { page } = watched;
      await page.waitForSelector(ready);
      await assertAccessible(watched, name);
      await page.context().close();
    });

test('an engineer sees a promotion that waits for a second person, with requester and reason', async () => {
  const { page } = await open('/models', 'erik');
  const asked = page.getByRole('link', { name: 'erika asks that mdl-owd-2 becomes canary: seen its errors' });
  await asked.click();
  await page.waitForURL('**/models/mdl-owd-2');
  await page.getByText('erika asks that it becomes canary, because seen its errors').waitFor();
  await page.context().close();
});

test('an engineer sees rejected frames with reason and count, views their bytes and exports them', async () => {
  const { page } = await open('/gateways', 'erik');
  await page.getByRole('link', { name: 'Quarantine' }).click();
  await page.getByText('12 invalid messages since the start').waitFor();
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
  await guest.page.getByText('Needs an operator or an engineer.', { exact: true }).waitFor();
  await guest.page.context().close();
});

test('the register shows who held a device, how deep and why, and exports CSV', async () => {
  const { page } = await open('/register', 'vera');
  const row = page.locator('.interventions tbody tr', { hasText: 'owd-01/battery-1' });
  await row.getByText('relieve the feeder').waitFor();
  assert.match(await row.innerText(), /anna/);
  const csv = await page.request.get(`${rig.base}/v1/interventions?format=csv`);
  assert.match(await csv.text(), /battery-1,override,anna,300,/);
  await page.context().close();
});

test('an offline browser keeps its last answers, explains why controls are off, and shows no wrong answer', async () => {
  const { page } = await open('/devices', 'anna');
  const walked = ['devices', 'desk', 'overrides', 'register', 'areas'].map((name) => SCREENS[name]!);
  for (const { path, ready } of walked) {
    await show(page, path);
    await page.waitForSelector(ready);
  }
  const filled = await visitAll(page);
  assert.ok(filled.size >= 20, [...filled].join());
  await page.context().setOffline(true);
  server.cut();
  await page.locator('.banner', { hasText: 'Cloud lost' }).waitFor();
  for (const { path, ready } of walked) {
    await show(page, path);
    await page.waitForSelector(`main.is-lost ${ready}`);
    assert.deepEqual(await liveLooking(page), []);
    assert.equal(await page.locator('main .problem, main > .waiting').count(), 0, path);
    const mute = page.locator('main :is(button, select):disabled:not([title], .pages *)');
    assert.deepEqual(await mute.evaluateAll((found) => found.map((each) => each.outerHTML.slice(0, 80))), [], path);
    await page.screenshot({ path: `${pictures}lost${path.replace('/', '-')}-1440.png` });
  }
  await assertAllOld(page, filled);
  await show(page, '/devices');
  await page.waitForSelector('main.is-lost .devices tbody tr');
  await page.getByLabel('Kind').selectOption('battery');
  await page.locator('main .problem', { hasText: 'The cloud does not answer' }).waitFor();
  assert.equal(await page.locator('.devices tbody tr').count(), 0);
  await page.getByLabel('Kind').selectOption('');
  await page.waitForSelector('.devices tbody tr');
  await page.context().setOffline(false);
  await page.locator('.banner', { hasText: 'Cloud lost' }).waitFor({ state: 'detached' });
  await page.waitForSelector('main:not(.is-lost) .devices tbody tr');
  assert.ok((await liveLooking(page)).length > 0, 'live values are recognised as such');
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

test('a refusal of the gateway is shown with its reason, an invalid value at its field', async () => {
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
  // The tag arrives while the command is on its way: a page that knew of it would not send the command.
  const take = gateway.take.bind(gateway);
  gateway.take = (document) => {
    gateway.state = { ...gateway.state, tagged: ['pv-1'] };
    take(document);
  };
  await dialog(page).getByRole('button', { name: 'Confirm' }).click();
  await dialog(page).getByText('pv-1 is tagged').waitFor();
  gateway.take = take;
  gateway.state = { ...gateway.state, tagged: [] };
  await page.context().close();
});

test('controls are off for a viewer, while the link is down, and for an unreachable device', async () => {
  const viewer = await open('/devices', 'vera');
  await openSetpoint(viewer.page, 'battery-1, owd-01/battery-1');
  await dialog(viewer.page).getByText('Needs an operator').waitFor();
  assert.equal(await dialog(viewer.page).getByRole('button', { name: 'Select' }).isDisabled(), true);
  await viewer.page.context().close();
  const gateway = server.world.gateways.get('whf-01')!;
  const { page } = await open('/devices', 'anna');
  await openSetpoint(page, 'battery-1, whf-01/battery-1');
  gateway.link = 'down';
  await dialog(page).getByText('The link to whf-01 is down').waitFor();
  gateway.link = 'up';
  gateway.links.set('battery-1', 'stale');
  await dialog(page).getByText('does not reach it').waitFor();
  gateway.links.clear();
  await page.context().close();
});

test('on a phone the controls of a device stay within its card', async () => {
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
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  assert.ok(height < 5_000, `the screen is ${height} px long`);
  await page.context().close();
});

test('a signed-in user is not asked to sign in', async () => {
  const { page } = await open('/', 'vera');
  for (const path of ['/desk', '/models/mdl-owd-1', '/forecast/owd', '/feeders/owd-1', '/overrides', '/quarantine']) {
    await page.goto(`${rig.base}${path}`);
    await page.waitForSelector('.links .link-up');
    await page.getByRole('heading', { level: 1 }).waitFor();
    const said = await page.evaluate(() =>
      [...document.querySelectorAll('[title]')]
        .map((each) => each.getAttribute('title'))
        .concat(document.body.innerText),
    );
    assert.deepEqual(
      said.filter((text) => /: sign in/i.test(text ?? '')),
      [],
      path,
    );
  }
  await page.context().close();
});

test('overrides, modes, stops and tags are shown at every level with time left, and on the diagram', async () => {
  const gateway = server.world.gateways.get('owd-01')!;
  const before = gateway.state;
  const { page } = await open('/feeders/owd-1', 'anna');
  const marks = page.getByRole('list', { name: 'Not left to the plan' });
  await page.waitForSelector('.diagram .bus');
  await page.goto(`${rig.base}/devices?q=battery-1`);
  await openSetpoint(page, 'battery-1, owd-01/battery-1');
  await dialog(page).getByLabel('Active power, kW').fill('-200');
  await dialog(page).getByLabel('Reason').fill('seen at every level');
  await dialog(page).locator('.effect tbody').waitFor();
  await dialog(page).getByRole('button', { name: 'Select' }).click();
  await dialog(page).getByText('owd-01 is ready').waitFor();
  await dialog(page).getByRole('button', { name: 'Confirm' }).click();
  await dialog(page).locator('.way-done', { hasText: 'Verified by readback' }).waitFor();
  gateway.state = {
    ...gateway.state,
    mode: 'manual',
    tagged: ['pv-1'],
    emergency: [{ id: 'command-9', element: 'transformer', expiresAt: Date.now() + 2_700_000, leftS: 2700 }],
  };
  for (const path of ['/', '/substations/owd', '/feeders/owd-1', '/plan/owd-1']) {
    await page.goto(`${rig.base}${path}`);
    await marks.getByText('Override battery-1, anna').waitFor();
    assert.match(await marks.getByRole('timer').first().innerText(), /left/, path);
    assert.match(await marks.locator('li', { hasText: 'Limits raised' }).innerText(), /4[45] min left/, path);
    await marks.getByText('Manual owd-1').waitFor();
    await marks.getByText('Tagged pv-1').waitFor();
    assert.deepEqual(await audit(page), [], path);
  }
  await page.goto(`${rig.base}/feeders/owd-1`);
  await page.locator('.diagram .bus-device rect.in-hand').first().waitFor();
  await page.locator('.diagram .bus[aria-label*="Override battery-1, anna"]').waitFor();
  gateway.lastSets.set('pv-1', { source: 'override', by: 'bert', at: Date.now() - 600_000 });
  const goesOn = page.getByText(/goes on as bert set it at \d\d:\d\d/);
  for (const path of ['/feeders/owd-1', '/devices?q=pv-1']) {
    await page.goto(`${rig.base}${path}`);
    await goesOn.first().waitFor();
    assert.deepEqual(await audit(page), [], path);
    await page.screenshot({ path: `${pictures}goes-on${path.replaceAll(/[^a-z]/g, '-')}.png`, fullPage: true });
  }
  gateway.lastSets.clear();
  await page.goto(`${rig.base}/feeders/owd-1`);
  for (const [width, height] of [
    [1440, 900],
    [390, 844],
  ] as const) {
    await page.setViewportSize({ width, height });
    await page.screenshot({ path: `${pictures}control-feeder-${width}.png` });
    await page.goto(`${rig.base}/`);
    await marks.first().waitFor();
    await page.screenshot({ path: `${pictures}control-overview-${width}.png` });
    await page.goto(`${rig.base}/feeders/owd-1`);
    await marks.first().waitFor();
  }
  gateway.state = before;
  await page.context().close();
});

test('the page System shows which version each node runs and how long each queue is', async () => {
  const { page } = await open('/system', 'erik');
  const cells = (table: string, row: string) =>
    page.locator(`${table} tbody tr`, { hasText: row }).locator('th, td').allInnerTexts();
  await page.locator('.nodes tbody tr').first().waitFor();
  assert.deepEqual((await cells('.nodes', 'cloud-1')).slice(0, 4), [
    'process 1 of cloud-1',
    'owner: writes and decides',
    '0.2.0',
    'this machine',
  ]);
  assert.equal((await cells('.nodes', 'cloud-2'))[2], 'unknown');
  const [, role, version, from] = await cells('.nodes', 'job-1');
  assert.deepEqual([role, from], ['job node: computes for the owner', 'over RabbitMQ']);
  assert.match(version!, /^0\.1\.9\s*differs$/);
  assert.deepEqual(await cells('.queues', 'Plans'), ['Plans', '12', '3', '1 here, 2 on job nodes']);
  assert.equal((await cells('.queues', 'Jobs of planners'))[1], 'unknown');
  await page.context().close();
});
