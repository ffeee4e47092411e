import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test, type TestContext } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { generateSigningKey } from '../../shared/codec/signed-document.ts';
import { AuditLog } from '../audit/audit-log.ts';
import { buildApi } from '../api/app.ts';
import type { Scope } from '../access/caller.ts';
import { fixtureDeps, openedPeople, START } from '../api/testing/api-fixture.ts';
import { ensureBuilt } from './build.ts';
import { assertAccessible, launch, NARROW, pageOf, pictures, WIDE } from './testing/browser-kit.ts';

const folder = mkdtempSync(join(tmpdir(), 'loadstone-desk-'));
const { privateKey } = await generateSigningKey();
let root: string;
let browser: Browser;
let lists = 0;

before(async () => {
  root = await ensureBuilt(() => undefined);
  browser = await launch();
  mkdirSync(pictures, { recursive: true });
});
after(async () => {
  await browser.close();
  rmSync(folder, { recursive: true });
});

/** The real server with an admin, and an audit log on disk. */
async function desk(context: TestContext, how: Parameters<typeof openedPeople>[1] & { notice?: string } = {}) {
  const people = openedPeople(undefined, how);
  const file = join(folder, `audit-${lists++}.jsonl`);
  const audit = new AuditLog({ file, key: privateKey, now: () => START, onFailure: () => undefined });
  await audit.open();
  await people.ensureUser({ name: 'eva', roles: ['admin'], areas: '*' }, 'four blue lamps');
  const { app, stream } = await buildApi(
    fixtureDeps({ people, audit, guests: false, dashboardRoot: root, notice: how.notice ?? '' }),
  );
  stream.start();
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as { port: number };
  const base = `http://localhost:${port}`;
  context.after(async () => {
    stream.stop();
    await app.close();
    await audit.close();
  });
  const signedIn = async (user: string, password: string, known?: Page): Promise<Page> => {
    const page = known ?? (await pageOf(browser));
    if (known === undefined) context.after(() => page.context().close());
    await page.goto(`${base}/login`);
    await page.getByLabel('Name', { exact: true }).fill(user);
    await page.getByLabel('Password', { exact: true }).fill(password);
    await page.keyboard.press('Enter');
    await page.locator('.menu summary').waitFor();
    return page;
  };
  return { base, people, audit, file, signedIn };
}

/** Checks a page at both sizes. */
async function pictured(page: Page, name: string): Promise<void> {
  for (const viewport of [WIDE, NARROW]) {
    await page.setViewportSize(viewport);
    await assertAccessible({ page, errors: [] }, name);
  }
  await page.setViewportSize(WIDE);
}

test('an admin creates a user, hands over a one-time password and locks them, which ends their open page', async (context) => {
  const { base, people, signedIn } = await desk(context);
  const page = await signedIn('eva', 'four blue lamps');
  await page.locator('.menu summary').click();
  await page.getByRole('link', { name: 'Users' }).click();
  await page.getByRole('heading', { name: 'Users', level: 1 }).waitFor();
  await page.getByLabel('Name', { exact: true }).fill('anna');
  await page.getByLabel(/^operator/).check();
  await page.getByRole('button', { name: 'Make user' }).click();
  const once = await page.locator('.secret').innerText();
  await page.getByRole('region', { name: 'Rights of anna' }).waitFor();
  assert.equal(await page.getByLabel(/^operator/).isChecked(), true, 'the form shows her rights');
  await pictured(page, 'users');
  assert.deepEqual(people.user('anna')?.roles, ['viewer', 'operator']);

  const anna = await signedIn('anna', once);
  await anna.getByLabel('Current password').fill(once);
  await anna.getByLabel('New password').fill('five green lamps');
  await anna.keyboard.press('Enter');
  await anna.waitForURL(`${base}/`);
  await anna.waitForSelector('.links .link-up');
  await page.getByRole('button', { name: 'Lock', exact: true }).click();
  await page.getByRole('button', { name: 'Unlock' }).waitFor();
  await anna.getByRole('heading', { name: 'Sign in' }).waitFor();

  await page.getByRole('button', { name: 'Remove' }).click();
  await page.getByRole('button', { name: 'Yes, remove anna' }).click();
  await page.getByText('1 user', { exact: true }).waitFor();
  assert.equal(people.user('anna'), undefined);
  await page.getByRole('button', { name: 'eva' }).click();
  await page.getByLabel(/^admin/).uncheck();
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('eva is the last admin; make another user an admin first').waitFor();
});

test('a new user waits for a second admin, who confirms it and hands over the one-time password', async (context) => {
  const { base, people, audit, signedIn } = await desk(context, { takesTwo: true });
  await people.ensureUser({ name: 'ina', roles: ['admin'], areas: '*' }, 'ten red lamps');
  const page = await signedIn('eva', 'four blue lamps');
  await page.goto(`${base}/users`);
  await page.getByLabel('Name', { exact: true }).fill('anna');
  await page.getByLabel(/^operator/).check();
  await page.getByRole('button', { name: 'Make user' }).click();
  await page.getByText('LS-DESK-005').waitFor();
  await page.getByText('You have asked for it: another admin confirms it.').waitFor();
  await pictured(page, 'user-requests-own');
  assert.equal(people.user('anna'), undefined);

  const other = await signedIn('ina', 'ten red lamps');
  await other.goto(`${base}/users`);
  await other.getByText(/Will be viewer, operator, everywhere\. Asked by eva/).waitFor();
  await pictured(other, 'user-requests');
  await other.getByRole('button', { name: 'Confirm for anna' }).click();
  const once = await other.locator('.secret').innerText();
  await other.getByRole('heading', { name: 'Waits for a second admin' }).waitFor({ state: 'detached' });
  assert.deepEqual(people.user('anna')?.roles, ['viewer', 'operator']);
  assert.ok(await people.signIn('anna', once));
  const [entry] = await audit.list({ limit: 1 });
  assert.deepEqual([entry?.who, entry?.approver, entry?.why], ['ina', 'ina', 'asked for by eva']);

  await other.getByRole('button', { name: 'anna' }).click();
  await other.getByRole('button', { name: 'New one-time password' }).click();
  await other.getByRole('button', { name: 'Take it back' }).click();
  await other.getByRole('heading', { name: 'Waits for a second admin' }).waitFor({ state: 'detached' });
  assert.deepEqual(await people.second.requests(), []);
});

test('a user whose role needs a passkey creates one; afterwards sign-in takes password and passkey', async (context) => {
  const { base, people, audit, signedIn } = await desk(context, { passkeyRoles: ['admin'] });
  const page = await signedIn('eva', 'four blue lamps');
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('WebAuthn.enable');
  const options = { protocol: 'ctap2', transport: 'usb', hasResidentKey: false, hasUserVerification: false } as const;
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', { options });
  await page.getByText('Your role needs a passkey').waitFor();
  assert.equal(await page.getByLabel('What it is for').count(), 0, 'no token before there is a passkey');
  await page.getByLabel('How you recognise it').fill('desk key');
  await page.getByLabel('Your password').fill('four blue lamps');
  await pictured(page, 'passkey-needed');
  await page.getByRole('button', { name: 'Make passkey' }).click();
  await page.getByRole('button', { name: 'Remove desk key' }).waitFor();
  await page.getByLabel('What it is for').waitFor();
  await page.getByRole('button', { name: 'Rename desk key' }).click();
  await page.getByLabel('New name').fill('blue key');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByRole('button', { name: 'Remove blue key' }).click();
  await page.getByLabel('Your password, to remove blue key').fill('not the password');
  await page.getByRole('button', { name: 'Remove', exact: true }).click();
  await page.getByText('LS-API-002').waitFor();
  await pictured(page, 'passkeys');
  await page.locator('.menu summary').click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();

  await signedIn('eva', 'four blue lamps', page);
  await page.waitForURL(`${base}/`);
  assert.equal(people.signedIn().length, 1);
  await page.locator('.menu summary').click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await cdp.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId });
  await cdp.send('WebAuthn.addVirtualAuthenticator', { options });
  await page.goto(`${base}/login`);
  await page.getByLabel('Name', { exact: true }).fill('eva');
  await page.getByLabel('Password', { exact: true }).fill('four blue lamps');
  await page.keyboard.press('Enter');
  await page.getByText('the passkey did not answer').waitFor();
  await pictured(page, 'passkey-missing');
  const entries = await audit.list({ limit: 100 });
  assert.ok(entries.some(({ what, outcome }) => what === 'POST /v1/passkeys' && outcome === 'done'));
});

test('the notice of the organisation is shown as text above the sign-in and not after it', async (context) => {
  const notice = 'System of the grid company. For its staff alone.\n\n<b>What you do here is recorded.</b>';
  const { base, signedIn } = await desk(context, { notice });
  const page = await pageOf(browser);
  context.after(() => page.context().close());
  await page.goto(`${base}/`);
  await page.waitForURL(`${base}/login`);
  const shown = page.getByRole('region', { name: 'Before you sign in' });
  await shown.waitFor();
  assert.equal(await shown.locator('p').innerText(), notice);
  assert.equal(await shown.locator('b').count(), 0);
  await pictured(page, 'sign-in-notice');
  await signedIn('eva', 'four blue lamps', page);
  await page.goto(`${base}/login`);
  await page.getByRole('region', { name: 'Change password' }).waitFor();
  assert.equal(await shown.count(), 0);
});

test('a user creates a token, which is shown once, and revokes it', async (context) => {
  const { base, people, signedIn } = await desk(context);
  const page = await signedIn('eva', 'four blue lamps');
  await page.goto(`${base}/login`);
  await page.getByLabel('What it is for').fill('spreadsheet');
  await page.getByRole('button', { name: 'Make token' }).click();
  const token = await page.locator('.secret').innerText();
  assert.deepEqual(people.callerOfToken(token)?.scopes, ['planner:read']);
  await pictured(page, 'account');
  await page.getByRole('button', { name: 'Revoke spreadsheet' }).click();
  await page.locator('.token-list').waitFor({ state: 'detached' });
  assert.equal(people.callerOfToken(token), undefined);
});

test('an admin lists tokens of a user and revokes one or all by keyboard; a reset revokes them too', async (context) => {
  const { base, people, audit, signedIn } = await desk(context);
  await people.ensureUser({ name: 'ben', roles: ['planner', 'operator'], areas: '*' }, 'six grey lamps');
  await people.ensureUser({ name: 'vera', roles: ['viewer'], areas: '*' }, 'two grey lamps');
  const ben = people.user('ben')!;
  const made = (label: string, scopes: Scope[], days = 90) => people.makeToken(ben, { label, scopes, days });
  const excel = await made('excel', ['planner:read'], 7);
  const [gis, scada] = [
    await made('gis', ['planner:read', 'planner:write', 'operate', 'quarantine:read']),
    await made('scada-historian-of-the-control-room', ['planner:read']),
  ];
  people.callerOfToken(excel.secret);
  const page = await signedIn('eva', 'four blue lamps');
  await page.goto(`${base}/users`);
  await page.getByRole('button', { name: 'vera' }).click();
  await page.getByText('vera holds no API token.').waitFor();
  await page.getByRole('button', { name: 'ben' }).click();
  const panel = page.getByRole('region', { name: 'API tokens of ben' });
  const row = panel.getByRole('row', { name: /excel/ });
  await row.waitFor();
  const text = await row.innerText();
  for (const part of ['planner:read', 'Sat 25 Sep 2021 02:00', 'Sat 2 Oct 2021']) assert.ok(text.includes(part), text);
  assert.match(await panel.getByRole('row', { name: /gis/ }).innerText(), /never/);
  await pictured(page, 'user-tokens');
  assert.ok(!(await page.content()).includes(excel.secret));

  await panel.getByRole('button', { name: 'End excel' }).press('Enter');
  await row.waitFor({ state: 'detached' });
  // The keyboard focus stays in the panel.
  await page.waitForFunction(() => document.activeElement?.textContent === 'excel has ended.');
  assert.equal(people.callerOfToken(excel.secret), undefined);
  assert.ok(people.callerOfToken(gis.secret));

  await panel.getByRole('button', { name: 'End all', exact: true }).press('Enter');
  await panel.getByRole('button', { name: 'Keep them' }).press('Enter');
  await panel.getByRole('button', { name: 'End all', exact: true }).press('Enter');
  await page.waitForFunction(() => document.activeElement?.textContent === 'Yes, end all');
  await page.keyboard.press('Enter');
  await panel.getByText('ben holds no API token.').waitFor();
  assert.deepEqual(
    [gis, scada].map(({ secret }) => people.callerOfToken(secret)),
    [undefined, undefined],
  );
  assert.deepEqual(
    (await audit.list({ limit: 10 }))
      .filter(({ what }) => what.includes('/tokens'))
      .map(({ what, outcome }) => `${what} ${outcome}`)
      .toSorted(),
    ['DELETE /v1/users/:id/tokens done', 'DELETE /v1/users/:id/tokens/:token done'],
  );

  await made('again', ['planner:read']);
  await page.reload();
  await page.getByRole('button', { name: 'ben' }).click();
  await panel.getByRole('row', { name: /again/ }).waitFor();
  await page.getByRole('button', { name: 'New one-time password' }).click();
  await panel.getByText('ben holds no API token.').waitFor();
});

test('the audit list is filtered and exported, and tampering is shown', async (context) => {
  const { base, file, signedIn } = await desk(context);
  const page = await signedIn('eva', 'four blue lamps');
  await page.goto(`${base}/users`);
  await page.getByLabel('Name', { exact: true }).fill('ben');
  await page.getByRole('button', { name: 'Make user' }).click();
  await page.locator('.secret').waitFor();
  await page.locator('.menu summary').click();
  await page.getByRole('link', { name: 'Audit' }).click();
  await page.getByText(/entries, all intact/).waitFor();
  await pictured(page, 'audit');
  await page.getByLabel('On', { exact: true }).fill('user:ben');
  // The list is requested again once the filter is typed.
  await page.waitForFunction(() => document.querySelectorAll('.audit tbody tr').length === 1);
  await page.locator('.audit tbody tr', { hasText: 'PUT /v1/users/:id' }).waitFor();
  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: 'CSV' }).click();
  assert.match(readFileSync(await (await download).path(), 'utf8'), /PUT \/v1\/users\/:id,user:ben/);

  writeFileSync(file, readFileSync(file, 'utf8').replace('user:ben', 'user:bea'));
  await page.getByRole('button', { name: 'Verify again' }).click();
  await page.getByText(/^Broken at line \d+/).waitFor();
});
