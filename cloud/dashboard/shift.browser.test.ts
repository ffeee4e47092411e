import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { actingRig, dialog } from './testing/acting-rig.ts';
import { assertAccessible, cutTables, NARROW, WIDE } from './testing/browser-kit.ts';
import { assertOutline } from './testing/outline.ts';

const rig = actingRig();
const { server, open } = rig;

test('an empty shift says so; a viewer can read it but not sign', async () => {
  const { page } = await open('/shift', 'vera');
  await page.getByText('Nothing has happened yet').waitFor();
  for (const text of [
    'No alarm stands.',
    'Everything is left to the plan.',
    'There is no ongoing incident.',
    'Nobody has written a note.',
    'There was no hand-over before.',
  ])
    await page.getByText(text).waitFor();
  assert.equal(await page.getByRole('button', { name: 'Sign off' }).isDisabled(), true);
  assert.equal(await page.getByRole('button', { name: 'Add the note' }).isDisabled(), true);
  await page.context().close();
});

test('one operator signs off, another takes over, and both are in the shift log and the audit list', async () => {
  const { page } = await open('/shift', 'anna');
  await server.world.desk.acts.ask('anna', { kind: 'mode', target: 'feeder:owd-1', mode: 'manual' }, 'works');
  await page.locator('textarea').fill('The pump of hall 3 is noisy.');
  await page.getByRole('button', { name: 'Add the note' }).click();
  const lines = page.locator('.shift-lines tbody tr');
  await lines.filter({ hasText: 'The pump of hall 3 is noisy.' }).filter({ hasText: 'anna' }).waitFor();
  await lines.filter({ hasText: 'Set owd-1 to manual: works' }).waitFor();
  const part = (name: string) => page.getByRole('region', { name });
  await part('Not left to the plan').getByText('Manual owd-1').waitFor();
  await part('Notes since the last hand-over').getByText('The pump of hall 3 is noisy. (anna').waitFor();

  await page.getByRole('button', { name: 'Sign off' }).click();
  await dialog(page).getByText('1 state not left to the plan').waitFor();
  await assertOutline(dialog(page), 'sign-off');
  await dialog(page).getByLabel('In short').fill('Quiet, but for the works.');
  await dialog(page).getByRole('button', { name: 'Sign off' }).click();
  await page.getByText('anna signed off').first().waitFor();
  assert.equal(await page.getByRole('button', { name: 'I take over' }).isDisabled(), true, 'anna goes');

  const { page: next } = await open('/shift', 'bert');
  await next.getByRole('link', { name: 'Read what was signed' }).click();
  await next.getByText('Quiet, but for the works.').waitFor();
  await next.getByText('Manual owd-1').waitFor();
  await next.getByRole('button', { name: 'I take over' }).click();
  await next.getByText('bert took over').waitFor();
  const [saved] = await Promise.all([
    next.waitForEvent('download'),
    next.getByRole('button', { name: 'Save as a page' }).click(),
  ]);
  const html = readFileSync(await saved.path(), 'utf8');
  for (const text of ['anna signed off', 'bert took over', 'Quiet, but for the works.', 'Manual owd-1', 'hall 3'])
    assert.ok(html.includes(text), text);
  assert.equal(/<script|src=|href=/.test(html), false, 'the saved page needs no other file');

  await page.getByText('bert took over').first().waitFor();
  await part('Notes since the last hand-over').getByText('Nobody has written a note.').waitFor();
  assert.deepEqual(
    server.audit.entries.filter(({ what }) => what.includes('hand-over')).map(({ who, outcome }) => [who, outcome]),
    [
      ['anna', 'done'],
      ['bert', 'done'],
    ],
  );
  await page.context().close();
  await next.context().close();
});

for (const viewport of [WIDE, NARROW])
  test(`the shift and a hand-over at ${viewport.width} px, light and dark: no error, no violation, no sideways scrolling`, async () => {
    const long = 'A note that is as long as people write them when something has gone wrong for hours. '.repeat(6);
    await server.shift.book.note('anna', long.trim());
    const { id } = await server.shift.book.signOff('anna', 'Quiet.');
    await server.shift.book.takeOver('bert', id);
    await server.shift.book.note('bert', long.trim());
    const watched = await open('/shift', 'anna', { viewport });
    const { page } = watched;
    await page.locator('.shift-lines tbody tr').first().waitFor();
    assert.deepEqual(await cutTables(page), []);
    await assertAccessible(watched, 'shift');
    await page.goto(`${rig.base}/shift/${id}`);
    await page.getByText('took over').waitFor();
    await page.waitForSelector('.links .link-up');
    await assertAccessible(watched, 'hand-over');
    await page.context().close();
  });
