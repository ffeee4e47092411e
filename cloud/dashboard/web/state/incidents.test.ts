import assert from 'node:assert/strict';
import { beforeEach, mock, test } from 'node:test';
import type { IncidentView } from '../../../../shared/contracts/incident.ts';
import '../../testing/page-globals.ts';

const { incidents, openIncidents, readIncidents, takeIncident } = await import('./incidents.ts');

const incident = (id: number, endedAt: number | null = null): IncidentView =>
  ({ id, startedAt: 1_000 * id, endedAt }) as IncidentView;
const openIds = (): number[] => openIncidents.value.map(({ id }) => id).toSorted((a, b) => a - b);

/** The incidents of the cloud, in pages. */
let cloud: readonly IncidentView[] = [];
const answer = (path: string): Response => {
  const { searchParams } = new URL(path, 'http://localhost');
  const from = Number(searchParams.get('cursor') ?? 0);
  const next = from + Number(searchParams.get('limit'));
  const all = cloud.filter(({ endedAt }) => searchParams.get('open') === null || endedAt === null);
  return Response.json({ items: all.slice(from, next), nextCursor: next < all.length ? String(next) : null });
};

beforeEach(() => {
  mock.restoreAll();
  incidents.value = [];
});

test('every open incident stays, however many there are, and one that ended meanwhile goes', async () => {
  mock.method(globalThis, 'fetch', async (path: string) => answer(path));
  const all = Array.from({ length: 260 }, (_, id) => incident(id));
  for (const each of all) takeIncident(each);
  cloud = all.slice(1).toReversed();
  await readIncidents();
  assert.deepEqual(
    openIds(),
    all.slice(1).map(({ id }) => id),
  );
});

test('an answer changes nothing of an incident that began or ended while it was under way', async () => {
  cloud = [incident(1), incident(2)];
  const late = Promise.withResolvers<void>();
  mock.method(globalThis, 'fetch', async (path: string) => {
    const early = answer(path);
    await late.promise;
    return early;
  });
  takeIncident(incident(2));
  const isRead = readIncidents();
  takeIncident(incident(2, 9_000));
  takeIncident(incident(3));
  late.resolve();
  await isRead;
  assert.deepEqual(openIds(), [1, 3]);
});
