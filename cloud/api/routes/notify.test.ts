import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { LoadstoneError } from '../../../shared/outcome/outcome.ts';
import { buildApi } from '../app.ts';
import { type FixtureOverrides, fixtureDeps, memoryAudit, openedPeople } from '../testing/api-fixture.ts';
import { signedIn } from '../testing/signed-in.ts';

async function rig(notifications?: FixtureOverrides['notifications']) {
  const audit = memoryAudit();
  const people = openedPeople();
  await people.ensureUser({ name: 'anna', roles: ['operator'], areas: '*' }, 'anna-password');
  await people.ensureUser({ name: 'vera', roles: ['viewer'], areas: '*' }, 'vera-password');
  const { app } = await buildApi(
    fixtureDeps({ audit, people, guests: false, ...(notifications === undefined ? {} : { notifications }) }),
  );
  after(() => app.close());
  const ask = async (user: string, method: 'GET' | 'POST', url: string) =>
    (await app.inject({ method, url, headers: await signedIn(people, user) })).json();
  return { ask, audit };
}

test('an operator requests a test mail, which is audited under their name; a viewer reads no addresses', async () => {
  const requesters: string[] = [];
  const { ask, audit } = await rig({
    test: async (by) => {
      requesters.push(by);
      if (requesters.length > 1) throw new LoadstoneError('LS-NOTIFY-001', '535 wrong password');
      return { accepted: ['desk@grid.test'], rejected: [], response: '250 taken' };
    },
  });
  assert.deepEqual((await ask('anna', 'POST', '/v1/notify/mail/test')).accepted, ['desk@grid.test']);
  const refused = await ask('anna', 'POST', '/v1/notify/mail/test');
  assert.deepEqual([refused.code, refused.status, refused.detail], ['LS-NOTIFY-001', 502, '535 wrong password']);
  assert.equal((await ask('vera', 'POST', '/v1/notify/mail/test')).code, 'LS-API-003');
  assert.equal((await ask('vera', 'GET', '/v1/notify')).code, 'LS-API-003');
  assert.deepEqual(requesters, ['anna', 'anna']);
  assert.deepEqual(
    audit.entries.filter(({ what }) => what.includes('notify')).map(({ who, on, outcome }) => [who, on, outcome]),
    [
      ['anna', 'notify:mail', 'done'],
      ['anna', 'notify:mail', 'LS-NOTIFY-001'],
      ['vera', undefined, 'LS-API-003'],
    ],
  );
});

test('an operator tests a webhook by its name', async () => {
  const { ask, audit } = await rig({
    testWebhook: async (name, by) => ({ accepted: [`${name} by ${by}`], rejected: [], response: 'taken' }),
  });
  assert.deepEqual((await ask('anna', 'POST', '/v1/notify/webhooks/pager/test')).accepted, ['pager by anna']);
  assert.equal((await ask('vera', 'POST', '/v1/notify/webhooks/pager/test')).code, 'LS-API-003');
  assert.deepEqual(
    audit.entries.filter(({ what }) => what.includes('notify')).map(({ who, on, outcome }) => [who, on, outcome]),
    [
      ['anna', 'notify:webhook:pager', 'done'],
      ['vera', undefined, 'LS-API-003'],
    ],
  );
});

test('a test without a mail server or webhook reports that none is configured', async () => {
  const { ask } = await rig();
  assert.deepEqual(await ask('anna', 'GET', '/v1/notify'), { mail: null, webhooks: [] });
  assert.equal((await ask('anna', 'POST', '/v1/notify/mail/test')).code, 'LS-NOTIFY-002');
  assert.equal((await ask('anna', 'POST', '/v1/notify/webhooks/pager/test')).code, 'LS-API-004');
});
