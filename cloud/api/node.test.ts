import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { ALIVE, buildApi } from './app.ts';
import { fixtureDeps, openedPeople, TOKEN } from './testing/api-fixture.ts';

const AWAY = 'the owner of this cloud has been away since 2026-01-01T00:00:00.000Z: it ended';

/** An api node whose owner a test can disconnect. */
async function rig(t: TestContext, overrides: Parameters<typeof fixtureDeps>[0] = {}) {
  let away: string | undefined;
  const deps = fixtureDeps({
    people: openedPeople(),
    guests: false,
    node: { away: () => away, health: () => ({ ok: away === undefined, owner: away ?? 'ok' }) },
    ...overrides,
  });
  const { app } = await buildApi(deps);
  t.after(() => app.close());
  const ask = async (url: string, method: 'GET' | 'POST' = 'GET', headers: Record<string, string> = {}) => {
    const authorization = `Bearer ${TOKEN}`;
    const payload = method === 'POST' ? { kind: 'spike', feeder: 'owd-1', percent: 30, durationS: 300 } : undefined;
    const all = { host: 'localhost', authorization, ...headers };
    const answer = await app.inject({ url, method, headers: all, ...(payload === undefined ? {} : { payload }) });
    return { status: answer.statusCode, body: answer.json<{ code?: string; ok?: boolean; detail?: string }>() };
  };
  const text = async (url: string): Promise<string> =>
    (await app.inject({ url, headers: { host: 'localhost', authorization: `Bearer ${TOKEN}` } })).body;
  return { ask, text, lose: () => void (away = AWAY) };
}

test('a node whose owner is away reveals nothing of the grid, and its health reports the outage', async (t) => {
  const { ask, lose } = await rig(t);
  assert.equal((await ask('/v1/view/region')).status, 200);
  assert.deepEqual((await ask('/health')).body, { ok: true, owner: 'ok' });
  lose();
  for (const url of ['/v1/view/region', '/v1/session', '/metrics', '/v1/stream?topics=region']) {
    const { status, body } = await ask(url);
    assert.deepEqual([status, body.code, body.detail], [503, 'LS-API-009', AWAY], url);
  }
  assert.deepEqual(await ask('/health'), { status: 503, body: { ok: false, owner: AWAY } });
  assert.equal((await ask('/openapi.json')).status, 200);
  assert.equal((await ask(ALIVE)).status, 200, 'a restart would not bring the owner back');
});

test("a node answers metrics with its own figures, not with the owner's", async (t) => {
  const { text } = await rig(t);
  await text('/v1/view/region');
  await text('/no/such/page');
  const metrics = await text('/metrics');
  assert.match(metrics, /^loadstone_http_answer_seconds_count\{status="2xx"\} 1$/m);
  assert.match(metrics, /^loadstone_http_answer_seconds_count\{status="4xx"\} 1$/m);
  assert.match(metrics, /^process_start_time_seconds \d+/m);
  assert.doesNotMatch(metrics, /# nothing/);
  const owner = fixtureDeps({ guests: false });
  const { app } = await buildApi(owner);
  t.after(() => app.close());
  const { body } = await app.inject({
    url: '/metrics',
    headers: { host: 'localhost', authorization: `Bearer ${TOKEN}` },
  });
  assert.match(body, /^# nothing\n# HELP loadstone_http_answer_seconds/);
  assert.doesNotMatch(body, /process_start_time/, 'the owner has its own');
});

const lostNow = (): never => {
  throw new LoadstoneError('LS-API-017', 'the connection to the owner was lost before it answered');
};
const lost = async (): Promise<never> => lostNow();
const gone = async (): Promise<never> => {
  throw new LoadstoneError('LS-API-009', AWAY);
};
const SPIKES = '/v1/simulation/events';

test('an act whose answer is lost counts as unknown; a read can be retried', async (t) => {
  const { ask } = await rig(t, {
    simulated: true,
    own: { simulation: { inject: lost }, federated: { campaign: lostNow } },
  });
  const act = await ask(SPIKES, 'POST');
  assert.deepEqual([act.status, act.body.code], [504, 'LS-API-017']);
  const read = await ask('/v1/federated');
  assert.deepEqual([read.status, read.body.code], [503, 'LS-API-009']);
});

test('an act whose record cannot be stored counts as unknown, and its key never acts again', async (t) => {
  let done = 0;
  const inject = async () => {
    done++;
    return { ok: true, value: { acceptedAt: 1 } };
  };
  const { ask } = await rig(t, { simulated: true, own: { simulation: { inject } } as never });
  const first = await ask(SPIKES, 'POST', { 'idempotency-key': 'k' });
  assert.equal(first.status, 202);
  const again = await ask(SPIKES, 'POST', { 'idempotency-key': 'k' });
  assert.deepEqual([again.status, done], [202, 1]);
  const { ask: lostAsk } = await rig(t, {
    simulated: true,
    own: { simulation: { inject }, audit: { append: gone } } as never,
  });
  const unwritten = await lostAsk(SPIKES, 'POST', { 'idempotency-key': 'other' });
  assert.deepEqual([unwritten.status, unwritten.body.code], [504, 'LS-API-017']);
  const repeated = await lostAsk(SPIKES, 'POST', { 'idempotency-key': 'other' });
  assert.deepEqual([repeated.status, repeated.body.code, done], [504, 'LS-API-017', 2]);
});
