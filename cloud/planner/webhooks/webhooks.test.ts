import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../../../shared/time/virtual-clock.ts';
import { opened, smallRegion, START } from '../../api/testing/api-fixture.ts';
import type { Caller } from '../../access/caller.ts';
import { PlannerFeed } from '../events/planner-event.ts';
import type { PostRequest } from '../../webhooks/post.ts';
import { signatureOf } from '../../webhooks/signed-post.ts';
import { WebhookSender } from './webhook-sender.ts';
import { SqliteWebhookStore } from './sqlite-webhook-store.ts';

const ALLOWED = ['hooks.example.com', 'http://10.0.0.5:9000'];
const SECRET = `whsec_${Buffer.from('a secret of thirty-two bytes ...').toString('base64')}`;
const caller = (name: string, targets: Caller['targets'], scopes: Caller['scopes'] = ['planner:read']): Caller => ({
  name,
  targets,
  scopes,
  requestsPerSecond: 1,
});

function rig(
  answer: (request: PostRequest, count: number) => number | Promise<number>,
  tickMs = 1000,
  onBug: (error: unknown) => void = (error) => assert.fail(String(error)),
) {
  const clock = new VirtualClock(START);
  const store = opened(new SqliteWebhookStore(':memory:'));
  const feed = new PlannerFeed(0);
  const sent: PostRequest[] = [];
  const callers = new Map([
    ['all', caller('all', '*')],
    ['part', caller('part', ['substation:owd'])],
  ]);
  const sender = new WebhookSender({
    store,
    feed,
    region: smallRegion(),
    time: clock.machine,
    callerNamed: (name) => callers.get(name),
    allowed: ALLOWED,
    tickMs,
    mostPending: 1000,
    post: async (request) => {
      sent.push(request);
      return answer(request, sent.length);
    },
    onBug,
  });
  sender.start();
  const hook = (id: string, owner: string, path = 'in'): Promise<boolean> =>
    store.add(
      {
        id,
        owner,
        url: `https://hooks.example.com/${path}`,
        events: ['forecast.issued', 'job.finished'],
        secret: SECRET,
        createdAt: START,
      },
      9,
    );
  const happen = (target: string | null, owner: string | null = null): void =>
    feed.publish({
      event: target === null ? 'job.finished' : 'forecast.issued',
      at: START,
      target,
      owner,
      data: { n: 1 },
    });
  return { clock, store, sent, sender, callers, hook, happen };
}

/** Lets everything that needs no waiting run. */
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Advances time, with everything that needs no waiting run before and after. */
async function passed(clock: VirtualClock, ms: number): Promise<void> {
  await turn();
  await clock.advance(ms);
  await turn();
}

test('a long backlog is delivered completely without new events', async () => {
  let isUp = false;
  const { clock, store, sender, hook, happen } = rig(() => (isUp ? 204 : 503));
  await hook('whk_all', 'all');
  for (let n = 0; n < 120; n++) happen('substation:owd');
  await passed(clock, 1000);
  assert.equal(await store.pending('whk_all'), 120);
  isUp = true;
  for (let minute = 0; minute < 10; minute++) await passed(clock, 60_000);
  assert.equal(await store.pending('whk_all'), 0);
  await sender.stop();
});

test('an unreadable store is reported, and the backlog is delivered once it can be read', async (t) => {
  const errors: string[] = [];
  const { clock, store, sent, sender, hook, happen } = rig(
    () => 204,
    1000,
    (error) => errors.push(String(error)),
  );
  await hook('whk_all', 'all');
  const broken = t.mock.method(store, 'due', () => Promise.reject(new Error('disk I/O error')));
  happen('substation:owd');
  await passed(clock, 3000);
  assert.deepEqual([sent.length, new Set(errors)], [0, new Set(['Error: disk I/O error'])]);
  broken.mock.restore();
  await passed(clock, 2000);
  assert.equal(sent.length, 1);
  await sender.stop();
});

test('a receiver that does not answer delays no delivery to another', async () => {
  const hung = ({ signal }: PostRequest): Promise<number> =>
    new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('no answer'))));
  const { clock, store, sender, hook, happen } = rig((request) =>
    request.url.endsWith('/hung') ? hung(request) : 204,
  );
  await hook('whk_hung', 'all', 'hung');
  await hook('whk_well', 'all');
  for (let n = 0; n < 40; n++) happen('substation:owd');
  for (let s = 0; s < 5; s++) await passed(clock, 1000);
  assert.equal(await store.pending('whk_well'), 0);
  assert.equal(await store.pending('whk_hung'), 40);
  await clock.advance(30_000);
  happen('substation:owd');
  for (let s = 0; s < 2; s++) await passed(clock, 1000);
  assert.equal(await store.pending('whk_well'), 0);
  const stopped = sender.stop();
  await clock.advance(10_000);
  await stopped;
});

test('an event that the store refuses is queued once the store takes it, once for each webhook', async (t) => {
  const errors: string[] = [];
  const { clock, store, sent, sender, hook, happen } = rig(
    () => 204,
    1000,
    (error) => errors.push(String(error)),
  );
  await hook('whk_a', 'all');
  await hook('whk_b', 'all');
  const enqueue = store.enqueue.bind(store);
  let refusals = 2;
  t.mock.method(store, 'enqueue', (...args: Parameters<typeof store.enqueue>) =>
    args[0].webhook === 'whk_b' && refusals-- > 0
      ? Promise.reject(new Error('database or disk is full'))
      : enqueue(...args),
  );
  happen('substation:owd');
  happen('substation:whf');
  for (let s = 0; s < 5; s++) await passed(clock, 1000);
  assert.deepEqual(new Set(errors), new Set(['Error: database or disk is full']));
  assert.equal(sent.length, 4);
  await sender.stop();
});

test('a receiver that keeps up loses nothing of a region with more targets than a thousand', async () => {
  const store = opened(new SqliteWebhookStore(':memory:'));
  const feed = new PlannerFeed(0);
  const sender = new WebhookSender({
    store,
    feed,
    region: smallRegion(),
    time: new VirtualClock(START).machine,
    callerNamed: () => caller('all', '*'),
    allowed: ALLOWED,
    post: async () => 204,
    onBug: (error) => assert.fail(String(error)),
  });
  sender.start();
  await store.add(
    {
      id: 'w',
      owner: 'all',
      url: 'https://hooks.example.com/in',
      events: ['forecast.issued'],
      secret: SECRET,
      createdAt: START,
    },
    9,
  );
  for (let n = 0; n < 1100; n++)
    feed.publish({ event: 'forecast.issued', at: START, target: 'substation:owd', owner: null, data: {} });
  await sender.stop();
  assert.deepEqual([await store.pending('w'), (await store.get('w'))!.dropped], [1100, 0]);
});

test('a delivery is signed, limited to what its owner may read, and not repeated once accepted', async () => {
  const { clock, store, sent, sender, hook, happen } = rig(() => 204);
  await hook('whk_all', 'all');
  await hook('whk_part', 'part');
  await hook('whk_gone', 'nobody');
  happen('substation:owd');
  happen('substation:whf');
  happen(null, 'part');
  await passed(clock, 5000);
  assert.equal(sent.length, 4);
  const targets = sent.map(
    ({ body }) => (JSON.parse(body) as { type: string; data: { target?: string } }).data.target ?? 'job',
  );
  assert.deepEqual(targets.toSorted(), ['job', 'substation:owd', 'substation:owd', 'substation:whf']);
  for (const { headers, body } of sent) {
    const content = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
    assert.equal(headers['webhook-signature'], `v1,${signatureOf(SECRET, content)}`);
  }
  assert.equal(await store.pending('whk_all'), 0);
  assert.equal((await store.get('whk_all'))!.lastStatus, 204);
  await sender.stop();
});

test('a failed delivery is retried under the same id with backoff, and given up after about a day', async () => {
  const { clock, store, sent, sender, hook, happen } = rig(() => 500, 20_000);
  await hook('whk_all', 'all');
  happen('substation:owd');
  await passed(clock, 20_000);
  assert.equal(sent.length, 1);
  await passed(clock, 20_000);
  assert.equal(sent.length, 2);
  await passed(clock, 60_000);
  assert.equal(sent.length, 3);
  assert.equal((await store.get('whk_all'))!.lastError, 'answered 500');
  await passed(clock, 26 * 3_600_000);
  assert.equal(sent.length, 11);
  assert.equal(new Set(sent.map(({ headers }) => headers['webhook-id'])).size, 1);
  assert.deepEqual([await store.pending('whk_all'), (await store.get('whk_all'))!.dropped], [0, 1]);
  await sender.stop();
});

test('a receiver that answers 410 ends its webhook; a slow one loses the newest deliveries, counted', async () => {
  const gone = rig(() => 410);
  await gone.hook('whk_all', 'all');
  gone.happen('substation:owd');
  gone.happen('substation:owd');
  await passed(gone.clock, 3000);
  assert.match((await gone.store.get('whk_all'))!.disabled!, /410/);
  assert.deepEqual([gone.sent.length, await gone.store.pending('whk_all')], [1, 0]);
  await gone.sender.stop();

  const slow = rig(() => 503);
  await slow.hook('whk_all', 'all');
  for (let i = 0; i < 1003; i++) slow.happen('substation:owd');
  await turn();
  assert.deepEqual([await slow.store.pending('whk_all'), (await slow.store.get('whk_all'))!.dropped], [1000, 3]);
  slow.callers.delete('all');
  slow.happen('substation:owd');
  await turn();
  assert.equal((await slow.store.get('whk_all'))!.dropped, 3);
  await slow.sender.stop();
});

test('a delivery postponed under a clock that was ahead is sent once the clock is right', async () => {
  let isUp = false;
  const { clock, store, sender, hook, happen } = rig(() => (isUp ? 204 : 503));
  await hook('w', 'all');
  clock.step(30 * 86_400_000);
  happen(null, 'all');
  await passed(clock, 2000);
  assert.equal(await store.pending('w'), 1);
  clock.step(-30 * 86_400_000);
  isUp = true;
  for (let minute = 0; minute < 3; minute++) await passed(clock, 60_000);
  assert.equal(await store.pending('w'), 0);
  await sender.stop();
});

test('a waiting delivery is not sent to an owner who may no longer read it', async () => {
  const { clock, store, sent, sender, callers, hook, happen } = rig(() => 500);
  await hook('wh_1', 'part');
  await hook('wh_2', 'all');
  happen('substation:owd');
  await passed(clock, 2_000);
  assert.equal(sent.length, 2);
  callers.set('part', caller('part', ['substation:whf']));
  callers.delete('all');
  for (let s = 0; s < 60; s++) await passed(clock, 1_000);
  assert.equal(sent.length, 2);
  assert.deepEqual([await store.pending('wh_1'), await store.pending('wh_2')], [0, 0]);
  await sender.stop();
});
