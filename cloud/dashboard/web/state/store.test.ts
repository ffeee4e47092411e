import assert from 'node:assert/strict';
import { after, mock, test } from 'node:test';
import '../../testing/page-globals.ts';

const { events, loadOlderEvents } = await import('./store.ts');

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
