import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { startMailServer } from '../../simulators/testing/debian.ts';
import { freePort } from '../../simulators/testing/free-ports.ts';
import { startReceiver, webhookOf } from '../notify/testing/receiver.ts';
import { actingRig } from './testing/acting-rig.ts';
import { assertAccessible, NARROW, WIDE } from './testing/browser-kit.ts';

const rig = actingRig();
const { server, open } = rig;

for (const viewport of [WIDE, NARROW])
  test(`notifications at ${viewport.width} px, light and dark: no error, no violation, no sideways scrolling`, async (t) => {
    const watched = await open('/notifications', 'anna', { viewport });
    await watched.page.getByText('No mail server is configured').waitFor();
    await watched.page.getByText('No webhook for alarms is configured').waitFor();
    await assertAccessible(watched, 'notifications-none');
    server.configureNotify(1, [webhookOf(t, { port: 1 })]);
    await watched.page.reload();
    await watched.page.getByText('desk@grid.test (English)').waitFor();
    await watched.page.getByText('chief@grid.test (Nederlands)').waitFor();
    await watched.page.getByText('http://127.0.0.1:1 (English)').waitFor();
    await watched.page.waitForSelector('.links .link-up');
    await assertAccessible(watched, 'notifications');
    server.configureNotify(undefined);
    await watched.page.context().close();
  });

test('the test button shows the answer of a real mail server, or why there is none', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'loadstone-mail-'));
  const port = await freePort();
  server.configureNotify(port);
  const { page } = await open('/notifications', 'anna');
  const button = page.getByRole('button', { name: 'Send a test mail' });
  await button.click();
  await page.getByText('LS-NOTIFY-001').waitFor();
  await page.getByText('ECONNREFUSED').first().waitFor();
  const mails = await startMailServer({ port, dir });
  t.after(async () => {
    await mails.stop();
    rmSync(dir, { recursive: true });
  });
  await button.click();
  await page.getByText('The mail server has taken it for desk@grid.test, chief@grid.test.').waitFor();
  // The server's figures arrive a moment after the answer to the test.
  await page.getByText('ECONNREFUSED').first().waitFor({ state: 'detached' });
  await page.context().close();
});

test('a webhook has its own test button, which shows the answer of a real receiver', async (t) => {
  const receiver = await startReceiver(t);
  server.configureNotify(1, [webhookOf(t, { port: receiver.port })]);
  receiver.answer(503);
  const { page } = await open('/notifications', 'anna');
  const button = page.getByRole('button', { name: 'Send a test message' });
  await button.click();
  await page.getByText('LS-NOTIFY-003').waitFor();
  await page.getByText(`${receiver.origin} answered 503`).first().waitFor();
  receiver.answer(204);
  await button.click();
  await page.getByText(`Taken by ${receiver.origin}`).waitFor();
  assert.deepEqual(receiver.got.map(({ path, type }) => `${type} ${path}`).toSorted(), [
    'alarm.test /chief',
    'alarm.test /in/a-path-that-nobody-knows',
  ]);
  await page.context().close();
});
