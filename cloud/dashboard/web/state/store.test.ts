import assert from 'node:assert/strict';
import { after, mock, test } from 'node:test';
import type { EventView } from '../../../../shared/contracts/view.ts';
import { until } from '../../../../shared/testing/until.ts';
import '../../testing/page-globals.ts';

const { alarmDesk, allAlarms, catchUp, events, loadOlderEvents, reconnect, takeDesk, takeEvents } =
  await import('./store.ts');
const { rereads } = await import('./settings.ts');
const { acknowledge } = await import('./alarm-acts.ts');
const { alarmOf, deskOf } = await import('../../testing/alarm-views.ts');

const OLDEST = 1500;

test('older events are loaded page by page until there are none', async () => {
  const asked = mock.method(globalThis, 'fetch', async (path: string) => {
    const before = Number(new URL(path, 'http://localhost').searchParams.get('cursor') ?? 2701);
    const items = Array.from({ length: Math.min(200, before - OLDEST) }, (_, at) => ({ id: before - 1 - at }));
    return new Response(JSON.stringify({ items }));
  });
  after(() => asked.mock.restore());
  while (await loadOlderEvents()) assert.ok(asked.mock.callCount() < 20, 'loading never ends');
  assert.equal(events.value.length, 2701 - OLDEST);
  assert.equal(events.value.at(-1)!.id, OLDEST);
});

test('events missed in an outage leave no hole, though live ones come before the answer', async () => {
  const idsFrom = (newest: number, count: number) =>
    Array.from({ length: count }, (_, at) => ({ id: newest - at }) as EventView);
  events.value = idsFrom(500, 200);
  const answer = Promise.withResolvers<Response>();
  const asked = mock.method(globalThis, 'fetch', (path: string) =>
    path.startsWith('/v1/events') ? answer.promise : Promise.reject(new Error('away')),
  );
  after(() => asked.mock.restore());
  const isRead = catchUp();
  takeEvents(idsFrom(1502, 2));
  answer.resolve(Response.json({ items: idsFrom(1501, 200) }));
  await isRead;
  assert.deepEqual(
    events.value.map(({ id }) => id),
    idsFrom(1502, 201).map(({ id }) => id),
  );
});

test('after a gap in the stream, what was read by request is read again', async () => {
  const open = new ReadableStream({
    start: (stream) => stream.enqueue(new TextEncoder().encode('event: gap\ndata: null\n\n')),
  });
  const asked = mock.method(globalThis, 'fetch', async (path: string) =>
    path.startsWith('/v1/stream') ? new Response(open) : Response.json({ items: [] }),
  );
  after(() => asked.mock.restore());
  const before = rereads.value;
  reconnect();
  await until('the gap has come', () => rereads.value > before);
});

test('standing alarms that the stream does not carry are read, page by page', async () => {
  const all = Array.from({ length: 1_205 }, (_, id) => alarmOf(id, { state: 'acknowledged', priority: 2 }));
  all.push(alarmOf(5_000, { target: 'substation:far' }));
  const asked = mock.method(globalThis, 'fetch', async (path: string) => {
    const { searchParams } = new URL(path, 'http://localhost');
    const from = Number(searchParams.get('cursor') ?? 0);
    const next = from + Number(searchParams.get('limit'));
    return Response.json({ items: all.slice(from, next), nextCursor: next < all.length ? String(next) : null });
  });
  after(() => asked.mock.restore());
  const desk = deskOf(all);
  takeDesk({ ...desk, alarms: [{ ...all[0]!, text: 'newer' }, ...all.slice(1, 200)] });
  assert.equal(allAlarms.value, false, 'nothing may be called calm yet');
  await until('all alarms are read', () => allAlarms.value);
  const { alarms } = alarmDesk.value!;
  assert.deepEqual([alarms.length, alarms.at(-1)!.target], [1_206, 'substation:far']);
  assert.equal(alarms.find(({ id }) => id === 0)!.text, 'newer', 'the stream is newer than what was read');
  takeDesk({ ...deskOf(all.slice(0, 2)), alarms: all.slice(0, 2) });
  assert.equal(alarmDesk.value!.alarms.length, 2);
});

test('more alarms than one request takes are acknowledged in parts, up to the first that fails', async () => {
  const sent: number[][] = [];
  const asked = mock.method(globalThis, 'fetch', async (_path: string, { body }: { body: string }) => {
    const { ids } = JSON.parse(body) as { ids: number[] };
    sent.push(ids);
    return Response.json({ items: ids.map((id) => alarmOf(id, { state: 'acknowledged' })) });
  });
  after(() => asked.mock.restore());
  const all = Array.from({ length: 450 }, (_, id) => alarmOf(id));
  takeDesk(deskOf(all));
  assert.equal(await acknowledge(all.map(({ id }) => id)), true);
  assert.deepEqual(
    sent.map((ids) => ids.length),
    [200, 200, 50],
  );
  assert.ok(alarmDesk.value!.alarms.every(({ state }) => state === 'acknowledged'));
  assert.equal(alarmDesk.value!.states.acknowledged, 450);
  asked.mock.mockImplementation(async () => Response.json({ status: 503 }, { status: 503 }));
  assert.equal(await acknowledge(all.map(({ id }) => id)), false);
});
