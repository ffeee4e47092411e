import assert from 'node:assert/strict';
import { test } from 'node:test';
import { orNull } from '../../../shared/forecast/series.ts';
import { opened, smallRegion, START } from '../../api/testing/api-fixture.ts';
import { AnnotatedLoad } from './annotated-load.ts';
import { SqliteAnnotationStore } from './sqlite-annotation-store.ts';

const HOUR_MS = 3_600_000;
const QUERY = { target: 'substation:owd', start: START, end: START + HOUR_MS, resolutionS: 900 };
const outage = {
  id: 'an_1',
  target: 'substation:owd',
  kind: 'outage',
  start: START,
  end: START + HOUR_MS,
  note: 'a fuse',
  createdBy: 'anna',
  createdAt: START,
  withdrawnAt: null,
} as const;

test('an annotation added while a load is read makes it be read again', async () => {
  const annotations = opened(new SqliteAnnotationStore(':memory:'));
  const load = new AnnotatedLoad(
    { intervals: async () => ({ values: [1, 1, 1, 1], substitution: null }) },
    smallRegion(),
    {
      get revision() {
        return annotations.revision;
      },
      list: async (query, page) => {
        const known = await annotations.list(query, page);
        if (annotations.revision === 0) await annotations.add(outage);
        return known;
      },
    },
  );
  const before = await load.intervals(QUERY);
  assert.deepEqual(before.values, [1, 1, 1, 1]);
  const after = await load.intervals(QUERY);
  assert.deepEqual(Array.from(after.values, orNull), [null, null, null, null]);
  assert.notEqual(after.revision, before.revision);
});
