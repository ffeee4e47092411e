import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { openedPeople, smallForecast, START, TOKEN } from '../testing/api-fixture.ts';
import { PART_TOKEN, plannerFixture } from '../testing/planner-fixture.ts';
import { signedIn } from '../testing/signed-in.ts';
import { FeedWriter } from '../../planner/events/feed-writer.ts';
import { PlannerFeed } from '../../planner/events/planner-event.ts';

const feed = new PlannerFeed(100);
const people = openedPeople();
const rig = await plannerFixture({ feed, people, webhookHosts: ['hooks.example.com'] });
after(() => rig.close());
await rig.app.listen({ host: '127.0.0.1', port: 0 });
const { port } = rig.app.server.address() as { port: number };

async function* stream(token: string, more: { query?: string; last?: number } = {}) {
  const answer = await fetch(`http://127.0.0.1:${port}/v1/events${more.query ?? ''}`, {
    headers: {
      authorization: `Bearer ${token}`,
      accept: 'text/event-stream',
      ...(more.last === undefined ? {} : { 'last-event-id': String(more.last) }),
    },
  });
  assert.equal(answer.status, 200);
  let text = '';
  for await (const part of answer.body!) {
    text += Buffer.from(part as Uint8Array).toString('utf8');
    const ends = text.lastIndexOf('\n\n');
    for (const block of text.slice(0, Math.max(0, ends)).split('\n\n'))
      if (block.startsWith('id:')) yield Object.fromEntries(block.split('\n').map((line) => line.split(': ', 2)));
    text = text.slice(ends + 2);
  }
}

const issued = (target: string): void =>
  feed.publish({ event: 'forecast.issued', at: START, target, owner: null, data: { forecastId: target } });

test('a stream delivers only what its reader may read and resumes after the last event read', async () => {
  issued('substation:whf');
  issued('substation:owd');
  feed.publish({ event: 'job.finished', at: START, target: null, owner: 'owner', data: {} });
  feed.publish({ event: 'job.finished', at: START, target: null, owner: 'part', data: { jobId: 'job_1' } });
  const part = stream(PART_TOKEN, { last: 100 });
  const heard = [(await part.next()).value, (await part.next()).value];
  assert.deepEqual(
    heard.map((each) => [each!['id'], each!['event']]),
    [
      ['102', 'forecast.issued'],
      ['104', 'job.finished'],
    ],
  );
  const next = part.next();
  issued('substation:owd');
  assert.equal((await next).value!['id'], '105');
  await part.return(undefined);
  const all = stream(TOKEN, { last: 100, query: '?events=job.finished' });
  assert.equal((await all.next()).value!['id'], '103');
  await all.return(undefined);
  const unknown = await rig.ask('GET', '/v1/events?events=nonsense', {
    token: TOKEN,
    headers: { accept: 'text/event-stream' },
  });
  assert.equal(unknown.statusCode, 400);
  assert.equal((await rig.ask('GET', '/v1/events', { token: PART_TOKEN })).statusCode, 403);
});

test('an empty Last-Event-ID resumes nothing', async () => {
  const { status, body } = await fetch(`http://127.0.0.1:${port}/v1/events`, {
    headers: { authorization: `Bearer ${TOKEN}`, accept: 'text/event-stream', 'last-event-id': '' },
  });
  assert.equal(status, 200);
  issued('substation:owd');
  let text = '';
  for await (const part of body!) {
    text += Buffer.from(part as Uint8Array).toString('utf8');
    if (text.includes('id: ')) break;
  }
  assert.deepEqual(text.match(/id: \d+/g), ['id: 106']);
});

test('a person has a share of the streams and cannot take all', async () => {
  const open = (token: string) =>
    fetch(`http://127.0.0.1:${port}/v1/events`, {
      headers: { authorization: `Bearer ${token}`, accept: 'text/event-stream' },
    });
  const answers: Response[] = [];
  for (let count = 0; count < 17; count++) answers.push(await open(PART_TOKEN));
  assert.deepEqual(
    answers.map(({ status }) => status),
    [...Array.from({ length: 16 }, () => 200), 429],
  );
  assert.match(((await answers[16]!.json()) as { detail: string }).detail, /part already has 16 streams open/);
  const other = await open(TOKEN);
  assert.equal(other.status, 200);
  for (const { body } of [...answers.slice(0, 16), other]) await body!.cancel();
});

test('a stream ends when its reader loses the right to read', async () => {
  await people.ensureUser({ name: 'pia', roles: ['planner'], areas: '*' }, 'pia-password');
  const headers = await signedIn(people, 'pia');
  const answer = await fetch(`http://127.0.0.1:${port}/v1/events`, {
    headers: { cookie: headers['cookie']!, accept: 'text/event-stream' },
  });
  assert.equal(answer.status, 200);
  await people.putUser({ name: 'pia', roles: [], areas: '*', disabled: false });
  issued('substation:whf');
  const heard: string[] = [];
  for await (const part of answer.body!) {
    heard.push(Buffer.from(part as Uint8Array).toString('utf8'));
    if (heard.join('').includes('forecast.issued')) break;
  }
  assert.equal(heard.join(''), 'retry: 2000\n\n');
});

test('an approaching limit is announced once, until it clears', () => {
  const own = new PlannerFeed(0);
  let importKw = 1045;
  const writer = new FeedWriter({ feed: own, now: () => START, limitsOf: () => ({ importKw, exportKw: 9000 }) });
  const announced = () => own.since(0).filter(({ event }) => event === 'limit.predicted');
  writer.forecast(smallForecast());
  assert.equal(announced().length, 1);
  const { data } = announced()[0]!;
  assert.deepEqual(
    [data['limit'], data['limitKw'], data['start'], data['peakKw']],
    ['import', 1045, '2021-09-25T01:15:00.000Z', 1070],
  );
  writer.forecast(smallForecast());
  assert.equal(announced().length, 1);
  importKw = 2000;
  writer.forecast(smallForecast());
  importKw = 1045;
  writer.forecast(smallForecast());
  assert.equal(announced().length, 2);
  assert.equal(own.since(0).filter(({ event }) => event === 'forecast.issued').length, 4);
});

test('a webhook shows its secret once and belongs to its caller', async () => {
  const body = { url: 'https://hooks.example.com/in', events: ['limit.predicted'] };
  const made = await rig.ask('POST', '/v1/webhooks', {
    token: PART_TOKEN,
    payload: body,
    headers: { 'idempotency-key': 'one' },
  });
  assert.equal(made.statusCode, 201, made.body);
  assert.match(made.json().secret, /^whsec_/);
  const { items } = (await rig.ask('GET', '/v1/webhooks', { token: PART_TOKEN })).json();
  assert.equal(items.length, 1);
  assert.equal(items[0].secret, undefined);
  assert.deepEqual((await rig.ask('GET', '/v1/webhooks', { token: TOKEN })).json().items, []);
  const inside = await rig.ask('POST', '/v1/webhooks', {
    token: TOKEN,
    payload: { ...body, url: 'http://127.0.0.1:8080/' },
  });
  assert.deepEqual([inside.statusCode, inside.json().errors[0].pointer], [403, '/body/url']);
  const { id } = made.json();
  assert.equal((await rig.ask('DELETE', `/v1/webhooks/${id}`, { token: TOKEN })).statusCode, 404);
  assert.equal((await rig.ask('DELETE', `/v1/webhooks/${id}`, { token: PART_TOKEN })).statusCode, 204);
});
