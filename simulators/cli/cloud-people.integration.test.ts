import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { cloudFiles, folderOf, start } from './testing/started.ts';

interface Asked {
  readonly method?: string;
  readonly body?: object;
}

/** A person at the page. */
async function person(base: string, user: string, once: string) {
  const origin = new URL(base).origin;
  const send = async (path: string, headers: Record<string, string>, { method = 'GET', body }: Asked = {}) => {
    const answer = await fetch(`${base}${path}`, {
      method,
      headers: { origin, ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    const json = (text === '' ? {} : JSON.parse(text)) as Record<string, string>;
    return { status: answer.status, cookie: String(answer.headers.get('set-cookie')).split(';')[0]!, json };
  };
  const own = ({ cookie, json }: Awaited<ReturnType<typeof send>>) => ({ cookie, 'x-csrf-token': json['csrf']! });
  const guest = own(await send('/v1/session', {}, { method: 'POST', body: { user, password: once } }));
  const next = `${once} of long standing`;
  const body = { current: once, next };
  const session = own(await send('/v1/session/password', guest, { method: 'PUT', body }));
  return (path: string, asked?: Asked) => send(path, session, asked);
}

const onceOf = (said: string): string => /one-time password[^,:]*[ :] ?([a-z2-9]{20})/i.exec(said)![1]!;

async function said(t: TestContext, code: number, ...args: string[]): Promise<string> {
  const command = start(t, 'cloud', 'people', ...args);
  assert.equal(await command.ended, code, command.said());
  return command.said();
}

test('the command line adds a second admin to a running cloud and resets a password of a stopped one', async (t) => {
  const { config, data } = cloudFiles(folderOf(t));
  const cloud = start(t, 'cloud', '--config', config);
  await cloud.says(/Loadstone cloud: \S+/);
  const base = /Loadstone cloud: (\S+)/.exec(cloud.said())![1]!;
  const eva = await person(base, 'admin', onceOf(cloud.said()));
  const olga = { method: 'PUT', body: { roles: ['operator'], areas: '*' } };
  const alone = await eva('/v1/users/olga', olga);
  assert.deepEqual([alone.status, alone.json['code']], [409, 'LS-DESK-005'], JSON.stringify(alone.json));
  const self = await eva('/v1/users/admin', { method: 'PUT', body: { roles: ['admin', 'operator'], areas: '*' } });
  assert.deepEqual([self.status, self.json['code']], [422, 'LS-API-014']);

  const once = onceOf(await said(t, 0, 'put', 'ina', '--roles', 'admin', '--config', config));
  const ina = await person(base, 'ina', once);
  const confirmed = await ina('/v1/users/olga', olga);
  assert.equal(confirmed.status, 200, JSON.stringify(confirmed.json));
  assert.ok(await person(base, 'olga', confirmed.json['oneTimePassword']!));
  assert.match(await said(t, 2, 'put', 'ina', '--roles', 'admin,operator', '--config', config), /LS-API-014/);
  assert.match(await said(t, 2, 'put', 'uwe', '--config', config), /uwe is a new user/);
  assert.match(await said(t, 0, '--config', config), /^admin: admin, everywhere\nina: admin.*\nolga: operator/);
  assert.deepEqual(readdirSync(join(data, 'orders')), [], 'no requests or answers are left');

  cloud.child.kill('SIGTERM');
  await cloud.ended;
  const again = onceOf(await said(t, 0, 'password', 'admin', '--config', config));
  const next = start(t, 'cloud', '--config', config);
  await next.says(/Loadstone cloud: \S+/);
  assert.ok(await person(/Loadstone cloud: (\S+)/.exec(next.said())![1]!, 'admin', again));
  const list = readFileSync(join(data, 'audit.jsonl'), 'utf8').trimEnd().split('\n');
  const entries = list.map((line) => JSON.parse(line) as Record<string, unknown>);
  const has = (facts: Record<string, unknown>) =>
    assert.ok(
      entries.some((entry) => Object.entries(facts).every(([key, value]) => entry[key] === value)),
      JSON.stringify([facts, entries], undefined, 1),
    );
  has({ who: 'admin', on: 'user:olga', outcome: 'LS-DESK-005' });
  has({ who: 'ina', on: 'user:olga', outcome: 'done', approver: 'ina', why: 'asked for by admin' });
  has({ who: 'operator of the machine', what: 'people.put', on: 'user:ina', outcome: 'done' });
  has({ who: 'operator of the machine', what: 'people.password', on: 'user:admin', outcome: 'done' });
});
