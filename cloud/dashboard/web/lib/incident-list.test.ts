import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { IncidentView } from '../../../../shared/contracts/incident.ts';
import { firstPage, newestIncidents } from './incident-list.ts';

const PAGE = 50;
const incident = (id: number, isOpen: boolean): IncidentView =>
  ({ id, startedAt: 1000 * id, endedAt: isOpen ? null : 1000 * id + 1 }) as IncidentView;

test('every incident is on some page, and old open ones are on the first too', () => {
  const all = Array.from({ length: 120 }, (_, n) => incident(200 - n, n === 90 || n === 91));
  const live = newestIncidents(all, PAGE);
  assert.equal(live.length, PAGE);
  const pages = [firstPage(all.slice(0, PAGE), live), all.slice(PAGE, 2 * PAGE), all.slice(2 * PAGE)];
  const shown = new Set(pages.flat().map(({ id }) => id));
  assert.deepEqual(
    all.filter(({ id }) => !shown.has(id)).map(({ id }) => id),
    [],
  );
  assert.deepEqual(
    pages[0]!.map(({ id }) => id),
    [...all.slice(0, PAGE).map(({ id }) => id), 110, 109],
  );
});

test('live incidents replace fetched ones', () => {
  assert.deepEqual(firstPage([incident(1, true)], [incident(2, true), incident(1, false)]), [
    incident(2, true),
    incident(1, false),
  ]);
});
