import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { PASSWORD } from './testing/acting-server.ts';
import { actingRig, dialog, openSetpoint } from './testing/acting-rig.ts';
import { fixtureIncident } from './testing/fixture-incident.ts';
import { assertReadable, audit, NARROW, pictures, WIDE } from './testing/browser-kit.ts';
import { assertOutline } from './testing/outline.ts';

const rig = actingRig();
const { server, open } = rig;

test('a locked desk still shows data and stops in all windows; its user signs in again on the same screen', async () => {
  const { page, errors } = await open('/desk', 'anna');
  const wall = await page.context().newPage();
  await wall.goto(`${rig.base}/notifications`);
  await wall.waitForSelector('.links .link-up');
  await wall.route('**/v1/session/presence', (route) => route.abort());
  await wall.locator('.menu summary').click();
  await wall.getByRole('button', { name: 'Lock', exact: true }).click();
  await wall.locator('.menu').getByText('page.unreachable').waitFor();
  const away = await page.context().newPage();
  await away.route('**/v1/stream?*', (route) => route.abort());
  await away.goto(`${rig.base}/alarms`);
  await away.locator('.menu summary', { hasText: 'anna' }).waitFor();
  const row = page.locator('.desk-table tr', { has: page.locator('a[href="/feeders/whf-1"]') });
  await row.waitFor();
  await page.locator('.menu summary').click();
  await page.getByRole('button', { name: 'Lock', exact: true }).click();
  const banner = page.getByRole('region', { name: 'Locked desk' });
  await banner.waitFor();
  await wall.getByRole('region', { name: 'Locked desk' }).waitFor();
  await away.unrouteAll();
  await away.getByRole('region', { name: 'Locked desk' }).waitFor();
  await away.close();
  await wall.getByText('LS-API-019').waitFor();
  assert.equal((await wall.locator('.link-up').count()) > 0, true, 'the wall display stays live');
  assert.equal(await wall.locator('.banner').count(), 0);
  assert.equal(await row.getByRole('button', { name: 'Tag whf-1' }).isDisabled(), true);
  for (const viewport of [WIDE, NARROW]) {
    await page.setViewportSize(viewport);
    await assertReadable({ page, errors }, 'locked');
  }
  await page.setViewportSize(WIDE);
  await row.getByRole('button', { name: 'Stop whf-1' }).click();
  await dialog(page).getByRole('button', { name: 'Fire or smoke' }).click();
  await page.keyboard.press('Enter');
  await dialog(page).getByRole('button', { name: 'Confirm' }).click();
  await dialog(page).locator('.way-done', { hasText: 'Verified at the devices' }).waitFor();
  await page.keyboard.press('Escape');
  await row.getByText('all stopped').waitFor();
  const lift = row.getByRole('button', { name: 'Lift stop of whf-1' });
  assert.equal(await lift.isDisabled(), true);

  await banner.getByLabel('Password of anna').fill('not her password');
  await page.keyboard.press('Enter');
  await banner.getByText('LS-API-002').waitFor();
  await banner.getByLabel('Password of anna').fill(PASSWORD);
  await page.keyboard.press('Enter');
  await banner.waitFor({ state: 'detached' });
  await wall.getByRole('region', { name: 'Locked desk' }).waitFor({ state: 'detached' });
  await wall.getByText('LS-API-019').waitFor({ state: 'detached' });
  await lift.click();
  await dialog(page).getByLabel('Reason').fill('it is out');
  await page.keyboard.press('Enter');
  await dialog(page).locator('.way-done', { hasText: 'Verified at the devices' }).waitFor();
  await page.context().close();
});

test('another user with the same rights who signs in in another tab acts in this one too', async () => {
  const { page } = await open('/shift', 'anna');
  const other = await page.context().newPage();
  await other.goto(`${rig.base}/shift`);
  await other.locator('.menu summary', { hasText: 'anna' }).waitFor();
  const status = await other.evaluate(
    async (body) => {
      const headers = { 'content-type': 'application/json' };
      return (await fetch('/v1/session', { method: 'POST', headers, body })).status;
    },
    JSON.stringify({ user: 'bert', password: PASSWORD }),
  );
  assert.equal(status, 200);
  await page.locator('.menu summary', { hasText: 'bert' }).waitFor();
  await page.locator('textarea').fill('Seen by bert.');
  await page.getByRole('button', { name: 'Add the note' }).click();
  await page.locator('.shift-lines tbody tr', { hasText: 'Seen by bert.' }).filter({ hasText: 'bert' }).waitFor();
  await page.context().close();
});

test('a feeder is set to manual, tagged and stopped, and back; each state comes from its gateway', async () => {
  const { page } = await open('/desk', 'anna');
  const row = page.locator('.desk-table tr', { has: page.locator('a[href="/feeders/whf-1"]') });
  await row.waitFor();
  const confirm = async (name: string, reason: string, end = 'Verified at the devices'): Promise<void> => {
    await dialog(page).getByText(name).first().waitFor();
    await dialog(page).getByLabel('Reason').fill(reason);
    await page.keyboard.press('Enter');
    await dialog(page).locator('.way-done', { hasText: end }).waitFor();
    assert.equal(await dialog(page).locator('.way-waiting').count(), 0, `nothing is waited for: ${name}`);
    await page.keyboard.press('Escape');
    await dialog(page).waitFor({ state: 'detached' });
  };
  await row.getByLabel('Mode of whf-1').selectOption('manual');
  await confirm('Set whf-1 to manual', 'works on the line', 'Verified by readback');
  await page.waitForFunction(
    () => document.querySelector<HTMLSelectElement>('[aria-label="Mode of whf-1"]')?.value === 'manual',
  );
  await row.getByRole('button', { name: 'Tag whf-1' }).click();
  await confirm('Tag whf-1', 'works on the line', 'Applied');
  await row.getByText('all tagged').waitFor();
  await row.getByRole('button', { name: 'Untag whf-1' }).click();
  await confirm('Remove the tag', 'works are over');
  await row.getByRole('button', { name: 'Stop whf-1' }).click();
  assert.deepEqual(await audit(page), []);
  await assertOutline(dialog(page), 'stop');
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

test('one mode for all held feeders lists its changes; the whole region needs a second person', async () => {
  const { page } = await open('/desk', 'anna', { viewport: NARROW });
  await page.getByRole('button', { name: 'Mode of all your feeders' }).click();
  await dialog(page).getByRole('button', { name: 'Monitor' }).click();
  const rows = dialog(page).locator('.mode-changes tbody tr');
  await rows.nth(3).waitFor();
  assert.match(await rows.first().innerText(), /owd-1\s+automatic\s+monitor/);
  await dialog(page).getByLabel('Reason').fill('works at the control centre');
  await page.screenshot({ path: `${pictures}region-mode-390.png` });
  assert.deepEqual(await audit(page), []);
  await assertOutline(dialog(page), 'modes');
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
  // For a partly held region the feeders are set one by one, without a second person.
  await server.areas.take('bert', { targets: ['feeder:whf-2'], reason: 'test' });
  await page.getByRole('button', { name: 'Mode of all your feeders' }).click();
  await dialog(page).getByRole('button', { name: 'Automatic' }).click();
  await dialog(page).getByText('1 feeder held by others').waitFor();
  await dialog(page).getByLabel('Reason').fill('works are over');
  await dialog(page).getByRole('button', { name: 'Set 3 feeders to automatic' }).click();
  await dialog(page).locator('.way-done', { hasText: 'Verified by readback' }).nth(2).waitFor();
  await page.keyboard.press('Escape');
  await server.areas.take('anna', { targets: ['feeder:whf-2'], reason: 'test' });
  await page.getByRole('button', { name: 'Mode of all your feeders' }).click();
  await dialog(page).getByRole('button', { name: 'Automatic' }).click();
  await dialog(page).locator('.mode-changes tbody tr', { hasText: 'whf-2' }).waitFor();
  await page.context().close();
  await bert.page.context().close();
});

test('a desk that is read again before its slow answer has come still shows it', async () => {
  const { page } = await open('/', 'anna');
  await page.route('**/v1/view/desk', async (route) => {
    await setTimeout(4_000);
    await route.continue();
  });
  await page.goto(`${rig.base}/desk`);
  await page.locator('.desk-table tbody tr').first().waitFor({ timeout: 30_000 });
  await page.unrouteAll({ behavior: 'ignoreErrors' });
  await page.context().close();
});

test('a cloud that does not answer for a while neither closes a dialog nor asks to sign in', async () => {
  const { page } = await open('/desk', 'anna');
  await page.getByRole('button', { name: 'Mode of all your feeders' }).click();
  await dialog(page).getByRole('button', { name: 'Monitor' }).click();
  await dialog(page).getByLabel('Reason').fill('works at the control');
  const away = { title: 'the owner has been away', status: 503, detail: '', code: 'LS-API-009', remedy: '' };
  const refuse = { status: 503, contentType: 'application/problem+json', body: JSON.stringify(away) };
  await page.route('**/v1/view/desk', (route) => route.fulfill(refuse));
  await page.getByText('Part of this screen is stale: the owner has been away.').waitFor();
  assert.equal(await dialog(page).getByLabel('Reason').inputValue(), 'works at the control');
  await page.unrouteAll();
  await page.locator('.banner').waitFor({ state: 'detached' });
  assert.equal(await dialog(page).getByLabel('Reason').inputValue(), 'works at the control');
  await page.route('**/v1/stream?*', (route) => route.fulfill(refuse));
  server.cut();
  await page.locator('.banner', { hasText: 'Cloud lost.' }).waitFor();
  assert.equal(await page.locator('.banner').getByText('Sign in').count(), 0);
  await page.context().close();
});

test('raised limits need approval by a second person, and count down', async () => {
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
  const entry = server.audit.entries.at(-1);
  assert.deepEqual([entry?.who, entry?.approver, entry?.on], ['bert', 'bert', 'substation:owd']);
  await anna.page.context().close();
  await bert.page.context().close();
});

test('long lists of areas and places are searched and paged, and matching areas taken at once', async () => {
  const { page } = await open('/areas', 'anna');
  const lines = page.locator('.areas-table tbody tr');
  await lines.first().waitFor();
  const whole = await lines.count();
  await page.getByLabel('Search areas').fill('whf-2');
  await page.waitForFunction(() => document.querySelectorAll('.areas-table tbody tr').length === 2);
  await page.getByLabel('Search areas').fill('');
  await page.getByLabel('Whose').selectOption('others');
  await page.getByText('No area matches.').waitFor();
  await page.getByLabel('Whose').selectOption('mine');
  await page.getByRole('button', { name: `Hand over these ${whole}`, exact: true }).waitFor();
  assert.deepEqual(await audit(page), []);
  await page.goto(`${rig.base}/desk`);
  await page.getByLabel('Search places').fill('owd-2');
  const places = page.locator('.desk-table tbody tr');
  await page.waitForFunction(() => document.querySelectorAll('.desk-table tbody tr').length === 2);
  assert.match((await places.last().textContent()) ?? '', /owd-2/);
  await page.getByLabel('Search places').fill('nowhere');
  await page.getByText('No place matches.').waitFor();
  await page.context().close();
});

test('areas are taken, taken over with a reason and handed over; only holders act, unheld areas are open', async () => {
  for (const { holder, id } of server.areas.view().losses) await server.areas.seen(holder, id);
  const bert = await open('/devices', 'bert');
  await openSetpoint(bert.page, 'battery-1, whf-01/battery-1');
  await dialog(bert.page).getByText('anna holds whf-1').waitFor();
  assert.equal(await dialog(bert.page).getByRole('button', { name: 'Select' }).isDisabled(), true);
  assert.deepEqual(await audit(bert.page), []);
  await bert.page.goto(`${rig.base}/areas`);
  await bert.page.getByRole('button', { name: 'Take over whf-1' }).click();
  await dialog(bert.page).getByLabel('Reason').fill('works on the line');
  await bert.page.screenshot({ path: `${pictures}area-take-over-1440.png` });
  assert.deepEqual(await audit(bert.page), []);
  await assertOutline(dialog(bert.page), 'take-over');
  await bert.page.keyboard.press('Enter');
  const row = bert.page.locator('.areas-table tr', { has: bert.page.locator('a[href="/feeders/whf-1"]') });
  await row.getByText('bert (you)').waitFor();
  await row.getByRole('button', { name: 'Hand over' }).click();
  await dialog(bert.page).getByLabel('To').selectOption('anna');
  await dialog(bert.page).getByLabel('Reason').fill('works are over');
  await bert.page.keyboard.press('Enter');
  await row.getByText('offered to anna: works are over').waitFor();

  const anna = await open('/', 'anna', { viewport: NARROW });
  const notices = anna.page.getByRole('region', { name: 'What happened to your areas' });
  await notices.getByText('bert took whf-1 over from you: works on the line').waitFor();
  await anna.page.screenshot({ path: `${pictures}area-lost-390.png` });
  assert.deepEqual(await audit(anna.page), []);
  await anna.page.goto(`${rig.base}/devices`);
  await notices.waitFor();
  await bert.page.getByText('anna has not seen yet that whf-1 was taken by bert').waitFor();
  await notices.getByRole('button', { name: 'Seen' }).click();
  await notices.waitFor({ state: 'detached' });
  await bert.page.getByText('anna has not seen yet').waitFor({ state: 'detached' });
  await anna.page.goto(`${rig.base}/areas`);
  await anna.page.getByRole('button', { name: 'Decline whf-1' }).click();
  await dialog(anna.page).getByLabel('Reason').fill('until the line is clear');
  await anna.page.screenshot({ path: `${pictures}area-decline-390.png` });
  assert.deepEqual(await audit(anna.page), []);
  await anna.page.keyboard.press('Enter');
  await anna.page.getByRole('button', { name: 'Decline whf-1' }).waitFor({ state: 'detached' });
  const declined = bert.page.getByRole('region', { name: 'What happened to your areas' });
  await declined.getByText('anna declined whf-1, which you offered and still hold: until the line is clear').waitFor();
  assert.deepEqual(await audit(bert.page), []);
  await bert.page.screenshot({ path: `${pictures}area-declined-1440.png` });
  await declined.getByRole('button', { name: 'Seen' }).click();
  await row.getByText('bert (you)').waitFor();
  await row.getByRole('button', { name: 'Hand over' }).click();
  await dialog(bert.page).getByLabel('To').selectOption('anna');
  await dialog(bert.page).getByLabel('Reason').fill('the line is clear');
  await bert.page.keyboard.press('Enter');
  await anna.page.goto(`${rig.base}/`);
  const take = anna.page.getByRole('button', { name: 'Take 1 offered to you' });
  await take.click();
  // All areas were held before, too; the offer disappears once the server has transferred the area.
  await take.waitFor({ state: 'detached' });
  await anna.page.getByText('all 6 held').waitFor();
  await server.areas.release('anna', { targets: ['feeder:whf-1'], reason: 'test' });
  await anna.page.goto(`${rig.base}/devices?q=whf`);
  await openSetpoint(anna.page, 'battery-1, whf-01/battery-1');
  await dialog(anna.page).getByLabel('Active power, kW').fill('-20');
  await dialog(anna.page).getByLabel('Reason').fill('open to all');
  await anna.page.locator('dialog button:enabled', { hasText: 'Select' }).waitFor();
  assert.deepEqual(await audit(anna.page), []);
  const written = server.audit.entries
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

test('a device leads to the incidents of the last days in which it took part, or says that there was none', async () => {
  const HOUR_MS = 3_600_000;
  const of = fixtureIncident();
  const incident = (id: number, agoMs: number) => {
    const startedAt = Date.now() - agoMs;
    return { view: { ...of, id, startedAt, endedAt: startedAt + 60_000 }, causes: [] };
  };
  await server.incidents.commit([
    incident(3, 8 * 24 * HOUR_MS),
    incident(7, 2 * HOUR_MS),
    { view: { ...incident(8, HOUR_MS).view, reliefs: [], entries: [], limit: null }, causes: [] },
  ]);
  const watched = await open('/devices', 'vera');
  const { page } = watched;
  const rows = page.locator('.incidents tbody tr');
  const title = (device: string) => page.getByRole('heading', { name: `Incidents of ${device} in the last 7 days` });
  await page.getByRole('link', { name: 'Incidents of owd-01/battery-1', exact: true }).click();
  await title('owd-01/battery-1').waitFor();
  await rows.locator('a[href="/incidents/7"]').waitFor();
  assert.equal(await rows.count(), 1, 'neither the one of last week, nor one of another device');
  for (const viewport of [WIDE, NARROW]) {
    await page.setViewportSize(viewport);
    await assertReadable(watched, 'device-incidents');
  }
  await page.goto(`${rig.base}/feeders/owd-1`);
  await page.getByRole('link', { name: 'Incidents of owd-01/pv-1', exact: true }).click();
  await title('owd-01/pv-1').waitFor();
  await page.getByText('owd-01/pv-1 took part in no incident').waitFor();
  for (const viewport of [WIDE, NARROW]) {
    await page.setViewportSize(viewport);
    await assertReadable(watched, 'device-no-incident');
    await page.goto(`${rig.base}/devices`);
    await page.waitForSelector('.devices tbody tr');
    await page.getByRole('button', { name: 'Act on battery-1, owd-01/battery-1' }).click();
    await assertReadable(watched, 'devices-linked');
    await page.goto(`${rig.base}/incidents?device=owd-01/pv-1`);
  }
  await page.setViewportSize(WIDE);
  await page.getByRole('link', { name: 'All incidents' }).click();
  await rows.locator('a[href="/incidents/3"]').waitFor();
  await page.goto(`${rig.base}/devices?q=battery-1`);
  await openSetpoint(page, 'battery-1, whf-01/battery-1');
  await dialog(page).getByRole('link', { name: 'Incidents of whf-01/battery-1' }).click();
  await page.getByText('whf-01/battery-1 took part in no incident').waitFor();
  assert.equal(await dialog(page).count(), 0);
  await page.context().close();
});
