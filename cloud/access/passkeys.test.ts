import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Passwords } from './passwords.ts';
import { People } from './people.ts';
import { SqlitePeopleStore } from './sqlite-people-store.ts';
import { coded } from './testing/people-rig.ts';
import { SoftwareAuthenticator } from './testing/software-authenticator.ts';

const ORIGIN = 'https://grid.example.net';
const PASSWORD = 'four blue lamps';

async function rig(passkeyRoles: readonly ('admin' | 'engineer')[] = []) {
  const time = { now: Date.parse('2026-01-01T00:00:00Z') };
  const store = new SqlitePeopleStore(':memory:');
  store.open();
  const people = new People({
    store,
    passwords: new Passwords({ N: 16, r: 1, p: 1 }),
    weaknessOf: () => undefined,
    takesTwo: true,
    passkeyRoles,
    requestsPerSecond: 10,
    now: () => time.now,
  });
  for (const name of ['anna', 'ben']) await people.ensureUser({ name, roles: ['admin'], areas: '*' }, PASSWORD);
  const session = await people.signIn('anna', PASSWORD);
  const made = async (authenticator: SoftwareAuthenticator, by = session, origin = ORIGIN) => {
    const options = await people.passkeys.registration(by, PASSWORD, origin);
    return people.passkeys.register(by, { name: 'key', response: authenticator.make(options, origin), origin });
  };
  const proved = async (authenticator: SoftwareAuthenticator, who = 'anna', origin = ORIGIN) => {
    // Refused proofs count as guesses.
    await store.clearFailures(who, ['address ', '']);
    const response = authenticator.prove(await people.passkeys.challenge(who, PASSWORD, origin), origin);
    return { response, origin };
  };
  return { people, store, time, session, made, proved };
}

test('a user with a passkey needs password and passkey to sign in; without one, the password alone', async () => {
  const { people, session, made, proved } = await rig();
  const authenticator = new SoftwareAuthenticator();
  const { id } = await made(authenticator);
  await assert.rejects(people.signIn('anna', PASSWORD), coded('LS-API-015'));
  await assert.rejects(
    people.signIn('anna', 'wrong'),
    coded('LS-API-002'),
    'a wrong password does not reveal the passkey',
  );
  const proof = await proved(authenticator);
  await assert.rejects(people.signIn('anna', 'wrong', { proof }), coded('LS-API-002'));
  assert.ok(await people.signIn('anna', PASSWORD, { proof }));
  assert.ok((await people.passkeys.list(session))[0]?.usedAt);
  assert.ok(await people.signIn('ben', PASSWORD), 'a user without a passkey');
  await people.passkeys.rename(session, id, 'the blue one');
  assert.equal((await people.passkeys.list(session))[0]?.name, 'the blue one');
  const ben = await people.signIn('ben', PASSWORD);
  await assert.rejects(people.passkeys.rename(ben, id, 'mine'), coded('LS-API-004'), 'a passkey of another user');
  await assert.rejects(
    people.passkeys.remove(session, id, 'wrong'),
    coded('LS-API-002'),
    'removal needs the password again',
  );
  assert.equal((await people.passkeys.list(session)).length, 1);
  await people.passkeys.remove(session, id, PASSWORD);
  await assert.rejects(people.passkeys.remove(session, id, PASSWORD), coded('LS-API-004'));
  assert.ok(await people.signIn('anna', PASSWORD));
});

test('a passkey response is valid once, within its time, for its user, origin and passkey', async () => {
  const { people, time, made, proved } = await rig();
  const authenticator = new SoftwareAuthenticator();
  await made(authenticator);
  const proof = await proved(authenticator);
  await people.signIn('anna', PASSWORD, { proof });
  const refused = (what: string, bad: Awaited<ReturnType<typeof proved>>, who = 'anna') =>
    assert.rejects(people.signIn(who, PASSWORD, { proof: bad }), coded('LS-API-016'), what);
  await refused('a replay', proof);
  await refused('another passkey', await proved(new SoftwareAuthenticator()));
  const elsewhere = 'https://evil.example';
  await refused('another origin', { response: (await proved(authenticator)).response, origin: elsewhere });
  const late = await proved(authenticator);
  time.now += 5 * 60_000 + 1;
  await refused('too late', late);
  await people.signIn('anna', PASSWORD, { proof: await proved(authenticator) });
  authenticator.counter = 0;
  await refused('a cloned passkey with an older counter', await proved(authenticator));

  const bens = new SoftwareAuthenticator();
  await made(bens, await people.signIn('ben', PASSWORD));
  const forBen = await people.passkeys.challenge('ben', PASSWORD, ORIGIN);
  await refused('the challenge of another user', { response: authenticator.prove(forBen, ORIGIN), origin: ORIGIN });
});

test('registering a passkey needs the password; it is bound to a host name and a user, never to an IP address', async () => {
  const { people, session, made, proved } = await rig();
  const authenticator = new SoftwareAuthenticator();
  await assert.rejects(people.passkeys.registration(session, 'wrong', ORIGIN), coded('LS-API-002'));
  await assert.rejects(made(authenticator, session, 'http://127.0.0.1:8080'), coded('LS-API-016', /localhost/));
  const options = await people.passkeys.registration(session, PASSWORD, ORIGIN);
  const response = authenticator.make(options, 'https://evil.example');
  await assert.rejects(
    people.passkeys.register(session, { name: 'key', response, origin: ORIGIN }),
    coded('LS-API-016'),
  );
  for (let n = 0; n < 8; n++) await people.passkeys.registration(session, PASSWORD, ORIGIN);
  await made(authenticator, session, 'http://localhost:8080');
  await assert.rejects(
    made(authenticator, await people.signIn('ben', PASSWORD)),
    coded('LS-API-016', /already registered/),
  );
  await assert.rejects(proved(authenticator), coded('LS-API-015', /for localhost, not for grid\.example\.net/));
});

test('a role that requires a passkey has no rights without one and makes no token; forgetting passkeys on the machine allows sign-in', async () => {
  const { people, session, made } = await rig(['admin']);
  assert.deepEqual(people.callerOfSession(session)?.scopes, []);
  const wish = { label: 'script', scopes: ['access:write'], days: 1 } as const;
  await assert.rejects(people.makeToken({ name: 'anna' }, wish), coded('LS-API-003', /register a passkey/));
  await made(new SoftwareAuthenticator());
  assert.ok(await people.makeToken({ name: 'anna' }, wish));
  assert.ok(people.callerOfSession(session)?.scopes.includes('access:write'));
  await assert.rejects(people.signIn('anna', PASSWORD), coded('LS-API-015'));
  assert.equal(await people.passkeys.forget('anna'), 1);
  const again = await people.signIn('anna', PASSWORD);
  assert.deepEqual(people.callerOfSession(again)?.scopes, []);
  await people.signInExternal({ name: 'sso', roles: ['admin'], areas: '*', identity: 'x' });
  assert.ok(people.callerNamed('sso')?.scopes.includes('access:write'), 'the provider has its own second factor');
});

test('a signed-in user proves a passkey to confirm an act', async () => {
  const { people, session, made } = await rig();
  const authenticator = new SoftwareAuthenticator();
  await assert.rejects(people.passkeys.ask(session, ORIGIN), coded('LS-API-015', /needs a passkey/));
  await made(authenticator);
  await assert.rejects(people.passkeys.confirm(session, undefined), coded('LS-API-015'));
  const response = authenticator.prove(await people.passkeys.ask(session, ORIGIN), ORIGIN);
  await people.passkeys.confirm(session, { response, origin: ORIGIN });
  await assert.rejects(people.passkeys.confirm(session, { response, origin: ORIGIN }), coded('LS-API-016'));
  await assert.rejects(people.passkeys.ask('', ORIGIN), coded('LS-API-002'), 'a token has no passkey');
});
