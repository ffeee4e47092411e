import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Management } from '../../cloud/ingest/rabbitmq/management.ts';
import { until } from '../../shared/testing/until.ts';
import { buildRegion } from '../region/region.ts';
import { postgresFor } from './testing/on-postgres.ts';
import { doorOf, folderOf, start, type Started } from './testing/started.ts';
import { twoClouds } from './testing/two-clouds.ts';

const PASSWORD = 'four blue lamps on a quay';

interface Session {
  readonly cookie: string;
  readonly csrf: string;
}

interface Asked {
  readonly status: number;
  readonly body: { readonly code?: string; readonly ok?: boolean; readonly detail?: string };
  readonly headers: Headers;
}

async function ask(url: string, path: string, init: RequestInit = {}): Promise<Asked> {
  const response = await fetch(`${url}${path}`, init);
  const text = await response.text();
  return {
    status: response.status,
    body: (text === '' ? {} : JSON.parse(text)) as Asked['body'],
    headers: response.headers,
  };
}

function as(url: string, { cookie, csrf }: Session, method = 'GET', body?: object): RequestInit {
  const json = body === undefined ? {} : { 'content-type': 'application/json' };
  return {
    method,
    headers: { cookie, ...(method === 'GET' ? {} : { origin: url, 'x-csrf-token': csrf }), ...json },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  };
}

const sessionIn = ({ headers, body }: Asked): Session => ({
  cookie: headers.getSetCookie()[0]!.split(';')[0]!,
  csrf: (body as unknown as { readonly csrf: string }).csrf,
});

/** Signs in with a one-time password and sets a new one. */
async function signIn(url: string, user: string, oneTime: string): Promise<Session> {
  const init = {
    method: 'POST',
    headers: { origin: url, 'content-type': 'application/json' },
    body: JSON.stringify({ user, password: oneTime }),
  };
  const first = await ask(url, '/v1/session', init);
  assert.equal(first.status, 200, JSON.stringify(first.body));
  const next = { current: oneTime, next: PASSWORD };
  const changed = await ask(url, '/v1/session/password', as(url, sessionIn(first), 'PUT', next));
  assert.equal(changed.status, 200, JSON.stringify(changed.body));
  return sessionIn(changed);
}

/** Opens an event stream of a node; resolves once it has begun. */
async function stream(url: string, session: Session) {
  const response = await fetch(`${url}/v1/stream?topics=region`, { headers: { cookie: session.cookie } });
  assert.equal(response.status, 200);
  const reader = response.body!.getReader();
  let text = '';
  let isOver = false;
  const read = async (): Promise<void> => {
    for (let next = await reader.read(); !next.done; next = await reader.read())
      text += new TextDecoder().decode(next.value);
    isOver = true;
  };
  const over = read().catch(() => void (isOver = true));
  await until('the region arrives over the stream', () => text.includes('event: region'));
  return { over, isOver: () => isOver };
}

test('two api nodes serve an owner and its successor, and a withdrawn right ends the streams of both', async (t) => {
  const folder = folderOf(t);
  const postgres = await postgresFor(t);
  const clouds = await twoClouds(t, folder, {
    region: buildRegion(['owd']),
    postgres: postgres.config,
    roles: ['owner', 'job'],
  });
  const { configs, rabbit, near, secret } = clouds;
  const { one, two } = clouds.data;
  // As in the guide.
  await new Management(rabbit.address).post('definitions', {
    users: [{ name: 'loadstone-api', password: 'of the nodes', tags: [] }],
    permissions: [
      {
        user: 'loadstone-api',
        vhost: '/',
        configure: '^amq\\.gen-',
        write: '^loadstone\\.calls$',
        read: '^amq\\.gen-',
      },
    ],
  });
  const port = (url: string): number => Number(new URL(url).port);
  /** Connects as from another machine: TLS everywhere, and a user of its own. */
  const far = {
    ...near,
    user: 'loadstone-api',
    passwordFile: secret('node-password', 'of the nodes'),
    security: 'tls',
    caFile: secret('roots.pem', clouds.roots),
    amqpPort: port(rabbit.farAddress.amqpUrl),
    managementPort: port(rabbit.farAddress.managementUrl),
  };
  mkdirSync(join(folder, 'node'));
  const nodeConfig = (name: string, rabbitmq: object): string =>
    clouds.write(name, join(folder, 'node', name), rabbitmq, { roles: ['api'] });

  const node = nodeConfig('checked', far);
  const check = start(t, 'cloud', 'check', '--config', node);
  assert.equal(await check.ended, 0, check.said());
  assert.match(
    check.said(),
    /^owner +no owner has accepted api nodes yet\nRabbitMQ +at 127\.0\.0\.1 accepts the api node$/m,
  );

  // A node may start before its owner.
  const SERVES = /Loadstone api node \S+: (\S+)/;
  const left = start(t, 'cloud', '--config', nodeConfig('left', near));
  const door = await doorOf(left);
  const waiting = await ask(door, '/health');
  assert.deepEqual([waiting.status, waiting.body.ok], [503, false]);
  assert.equal((await ask(door, '/v1/events')).body.code, 'LS-API-009');

  const busy = start(t, 'cloud', '--config', nodeConfig('busy', near), '--port', new URL(door).port);
  assert.equal(await busy.ended, 1, busy.said());
  assert.match(busy.said(), /LS-PORT-001/);

  const HOLDS = /Loadstone cloud: (\S+) /;
  const owner = start(t, 'cloud', '--config', configs.one);
  await owner.says(HOLDS);
  const ownDoor = HOLDS.exec(owner.said())![1]!;
  assert.equal((await ask(ownDoor, '/v1/events')).status, 503, 'the owner has no API');
  await until('the owner is healthy', async () => (await ask(ownDoor, '/health')).status === 200);
  await left.says(SERVES);
  const right = start(t, 'cloud', '--config', nodeConfig('right', far));
  await right.says(SERVES);
  const urlOf = (node: Started): string => SERVES.exec(node.said())![1]!;
  const [a, b] = [urlOf(left), urlOf(right)];
  for (const url of [a, b]) assert.deepEqual((await ask(url, '/health')).body.ok, true);

  // A session opened at one node is valid at the other, which reads what was written at the first.
  const admin = await signIn(a, 'admin', /one-time password (\S+);/.exec(owner.said())![1]!);
  assert.equal((await ask(b, '/v1/view/region', as(b, admin))).status, 200);
  const made = start(t, 'cloud', 'people', 'put', 'anna', '--roles', 'viewer', '--config', configs.one);
  assert.equal(await made.ended, 0, made.said());
  const anna = await signIn(b, 'anna', /One-time password of anna: (\S+);/.exec(made.said())![1]!);
  const streams = [await stream(a, anna), await stream(b, anna)];
  const gone = await ask(a, '/v1/users/anna', as(a, admin, 'DELETE'));
  assert.equal(gone.status, 204, JSON.stringify(gone.body));
  await Promise.all(streams.map(({ over }) => over));
  for (const url of [a, b]) assert.equal((await ask(url, '/v1/view/region', as(url, anna))).status, 401);

  // One node is killed: the other continues.
  left.child.kill('SIGKILL');
  await left.ended;
  const token = { label: 'tool', scopes: ['planner:read'], days: 1 };
  assert.equal((await ask(b, '/v1/tokens', as(b, admin, 'POST', token))).status, 201);

  // The owner is killed: no act is reported as done, and the nodes follow the standby that takes over.
  const second = start(t, 'cloud', '--config', configs.two);
  await second.says(/stands by: the database is held by/);
  const shown = await stream(b, admin);
  owner.child.kill('SIGKILL');
  await owner.ended;
  await until('the node reports its owner as away', async () => (await ask(b, '/health')).status === 503);
  const act = await ask(b, '/v1/tokens', as(b, admin, 'POST', { ...token, label: 'late' }));
  assert.deepEqual([act.status, act.body.code], [503, 'LS-API-009']);
  await until('its streams end', () => shown.isOver());
  await second.says(HOLDS);
  await until('the nodes follow the next owner', async () => (await ask(b, '/health')).status === 200);
  const again = start(t, 'cloud', '--config', nodeConfig('again', near));
  await again.says(SERVES);
  for (const url of [b, urlOf(again)]) {
    const { body } = await ask(url, '/v1/tokens', as(url, admin));
    assert.deepEqual(
      (body as unknown as { items: { label: string }[] }).items.map(({ label }) => label),
      ['tool'],
    );
  }
  const last = await ask(b, '/v1/tokens', as(b, admin, 'POST', { ...token, label: 'last' }));
  assert.equal(last.status, 201, JSON.stringify(last.body));

  for (const each of [right, again, second]) {
    each.child.kill('SIGTERM');
    assert.equal(await each.ended, 0, each.said());
  }
  for (const [data, entries] of [
    [one, ['DELETE /v1/users/:id', 'POST /v1/tokens']],
    [two, ['POST /v1/tokens']],
  ] as const) {
    const verified = start(t, 'audit', 'verify', '--data', data);
    assert.equal(await verified.ended, 0, verified.said());
    const exported = start(t, 'audit', 'export', '--data', data);
    await exported.ended;
    for (const entry of entries) assert.ok(exported.said().includes(entry), `${entry} in ${exported.said()}`);
  }
});
