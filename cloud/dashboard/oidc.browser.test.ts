import assert from 'node:assert/strict';
import { createServer, type RequestListener, type Server } from 'node:http';
import { after, before, test, type TestContext } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { SystemClock } from '../../shared/time/system-clock.ts';
import { OidcLogin } from '../access/oidc.ts';
import type { OidcConfig } from '../access/oidc-config.ts';
import { buildApi } from '../api/app.ts';
import { fixtureDeps, memoryAudit, openedPeople } from '../api/testing/api-fixture.ts';
import { ensureBuilt } from './build.ts';
import { launch, pageOf } from './testing/browser-kit.ts';

/** The part of the package that is used here; it ships no types. */
interface ProviderClass {
  new (issuer: string, configuration: object): { callback(): RequestListener };
}
const packageName: string = 'oidc-provider';
const { default: Provider } = (await import(packageName)) as { default: ProviderClass };

let root: string;
let browser: Browser;
before(async () => {
  root = await ensureBuilt(() => undefined);
  browser = await launch();
});
after(() => browser.close());

const listening = async (server: Server): Promise<string> => {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return `http://127.0.0.1:${(server.address() as { port: number }).port}`;
};

const GROUPS: Readonly<Record<string, readonly string[]>> = { anna: ['grid-desk', 'all'], zoe: ['all'] };

/** A real provider and our real server, each on its own port. */
async function world(context: TestContext) {
  const provider: { answer: RequestListener } = { answer: () => undefined };
  const issuerServer = createServer((request, response) => provider.answer(request, response));
  const issuer = await listening(issuerServer);
  const people = openedPeople(() => Date.now());
  const audit = memoryAudit();
  const config: OidcConfig = {
    issuer,
    name: 'the grid company',
    clientId: 'loadstone',
    clientSecretFile: '',
    scope: 'openid profile',
    userClaim: 'preferred_username',
    groupsClaim: 'groups',
    groups: [{ group: 'grid-desk', roles: ['operator'], areas: ['substation:owd'] }],
  };
  const oidc = new OidcLogin({ config, secret: 'a secret of the test', people, now: () => Date.now() });
  // Its windows learn of a lock within a second.
  const clock = new SystemClock((error) => {
    throw error;
  });
  const deps = fixtureDeps({ dashboardRoot: root, people, audit, oidc, clock, guests: false });
  const { app, stream } = await buildApi(deps);
  stream.start();
  await app.listen({ host: '127.0.0.1', port: 0 });
  const base = `http://127.0.0.1:${(app.server.address() as { port: number }).port}`;
  provider.answer = new Provider(issuer, {
    clients: [
      {
        client_id: 'loadstone',
        client_secret: 'a secret of the test',
        redirect_uris: [`${base}/v1/session/oidc/callback`],
        post_logout_redirect_uris: [`${base}/login`],
      },
    ],
    claims: { openid: ['sub'], profile: ['preferred_username', 'groups'] },
    pkce: { required: () => true },
    findAccount: (_: unknown, id: string) => ({
      accountId: id,
      claims: () => ({ sub: id, preferred_username: id, groups: GROUPS[id] ?? [] }),
    }),
  }).callback();
  const page = await pageOf(browser);
  context.after(async () => {
    await page.context().close();
    stream.stop();
    await app.close();
    issuerServer.closeAllConnections();
    await new Promise((done) => issuerServer.close(done));
  });
  await page.goto(`${base}/login`);
  return { page, base, people, audit, oidc };
}

/** Signs in on the provider's own pages. `consents`: the provider asks for consent once per person. */
async function throughProvider(page: Page, name: string, consents = true): Promise<void> {
  await page.getByRole('link', { name: 'Sign in by the grid company' }).click();
  await page.locator('input[name=login]').fill(name);
  await page.locator('input[name=password]').fill('any');
  await page.locator('button[type=submit]').click();
  if (consents) await page.locator('button[type=submit]').click();
}

test('a member of the right group signs in through a real provider and acts; another is refused', async (context) => {
  const { page, base, people, audit } = await world(context);
  await throughProvider(page, 'anna');
  await page.waitForURL(`${base}/`);
  await page.locator('.menu summary', { hasText: 'anna' }).waitFor();
  await page.waitForSelector('.links .link-up');
  const anna = people.user('anna')!;
  assert.deepEqual([anna.roles, anna.areas, anna.mustChange], [['operator'], ['substation:owd'], false]);
  assert.deepEqual(
    audit.entries.map(({ who, what, why, outcome }) => [who, what, why, outcome]),
    [['anna', 'GET /v1/session/oidc/callback', 'the grid company', 'done']],
  );
  await assert.rejects(people.signIn('anna', 'any'), /name or password is wrong/);
  await assert.rejects(people.resetPassword('anna'), /signs in through a provider/);
});

test('signing out also signs out at the provider, which asks for the name again and returns to the page', async (context) => {
  const { page, base, people } = await world(context);
  await throughProvider(page, 'anna');
  await page.waitForURL(`${base}/`);
  await page.locator('.menu summary', { hasText: 'anna' }).click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.waitForURL(/session\/end/);
  await page.getByRole('button', { name: /yes, sign me out/i }).click();
  await page.waitForURL(`${base}/login`);
  assert.deepEqual(people.signedIn(), []);
  await page.getByRole('link', { name: 'Sign in by the grid company' }).click();
  await page.locator('input[name=login]').waitFor();
});

test('a locked desk is unlocked in all windows once the provider has asked for the password', async (context) => {
  const { page, base, people } = await world(context);
  await throughProvider(page, 'anna');
  await page.waitForURL(`${base}/`);
  const other = await page.context().newPage();
  await other.goto(`${base}/`);
  await other.waitForSelector('.links .link-up');
  const banners = [page, other].map((each) => each.getByRole('region', { name: 'Locked desk' }));
  await page.locator('.menu summary', { hasText: 'anna' }).click();
  await page.getByRole('button', { name: 'Lock', exact: true }).click();
  await Promise.all(banners.map((banner) => banner.waitFor()));
  await throughProvider(page, 'anna', false);
  await page.waitForURL(`${base}/`);
  await page.locator('.menu summary', { hasText: 'anna' }).waitFor();
  await Promise.all(banners.map((banner) => banner.waitFor({ state: 'detached' })));
  assert.equal(people.accounts.sessions.length, 1);
});

test('sign-in needs a fresh password at the provider, even if the address is manipulated', async (context) => {
  const { page, base } = await world(context);
  await throughProvider(page, 'anna');
  await page.waitForURL(`${base}/`);
  context.mock.timers.enable({ apis: ['Date'], now: Date.now() + 60_000 });
  for (const [maxAge, refusal] of [
    [undefined, /"auth_time" .* missing/],
    ['3600', /too much time has elapsed since the last/],
  ] as const) {
    const begun = await page.request.get(`${base}/v1/session/oidc`, { maxRedirects: 0 });
    const url = new URL(begun.headers()['location']!);
    url.searchParams.delete('prompt');
    url.searchParams.delete('max_age');
    if (maxAge !== undefined) url.searchParams.set('max_age', maxAge);
    await page.goto(url.href);
    await page.getByText(refusal).waitFor();
  }
});

test('a person in no group or with the name of a local user is refused', async (context) => {
  const { page, people } = await world(context);
  await throughProvider(page, 'zoe');
  await page.getByText('none of your groups may sign in here').waitFor();
  assert.equal(people.user('zoe'), undefined);
  await people.putUser({ name: 'anna', roles: ['viewer'], areas: '*', disabled: false });
  await page.context().clearCookies();
  await page.getByRole('link', { name: 'Continue' }).click();
  await throughProvider(page, 'anna');
  await page.getByText(/the name anna belongs to somebody else here/).waitFor();
});

test('an unsolicited answer, a reused flow and a forged state are refused', async (context) => {
  const { base, oidc } = await world(context);
  const callback = `${base}/v1/session/oidc/callback`;
  const foreign = await fetch(`${callback}?code=stolen&state=guessed`);
  assert.equal(foreign.status, 401);
  assert.match(await foreign.text(), /was not started in this browser/);
  const begun = await fetch(`${base}/v1/session/oidc`, { redirect: 'manual' });
  const cookie = begun.headers.get('set-cookie')!.split(';')[0]!;
  assert.match(begun.headers.get('set-cookie')!, /HttpOnly; SameSite=Lax/);
  const forged = await fetch(`${callback}?code=stolen&state=guessed`, { headers: { cookie } });
  assert.equal(forged.status, 401);
  assert.match(await forged.text(), /is not valid/);
  assert.match(
    await (await fetch(`${callback}?code=x`, { headers: { cookie } })).text(),
    /was not started in this browser/,
  );
  const { flow } = await oidc.begin(callback);
  await assert.rejects(oidc.finish('error=access_denied', flow), /is not valid/);
});
