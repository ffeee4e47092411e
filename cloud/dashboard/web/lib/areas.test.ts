import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AreaLossView, AreaView } from '../../../../shared/contracts/areas.ts';
import { areaRows, lossText, matching, paged, targetsOf } from './areas.ts';

const held = (target: string, holder: string, to?: string): AreaView => ({
  target,
  substation: 'owd',
  name: target,
  holder,
  since: 0,
  offer: to === undefined ? null : { to, reason: 'shift', at: 0 },
});
const rows = areaRows(
  [
    { id: 'owd', name: 'Oosterwolde', feeders: ['owd-1', 'owd-2'] },
    { id: 'whf', name: 'Wervershoof', feeders: ['whf-1', 'whf-2'] },
  ],
  [held('feeder:owd-1', 'anna'), held('feeder:whf-1', 'bert', 'anna'), held('substation:whf', 'bert')],
);
const found = (text: string, whose: Parameters<typeof matching>[1]['whose'] = '', me = 'anna') =>
  matching(rows, { text, whose }, me).flatMap(({ parts }) => parts.map(({ target }) => target));

test('areas are found by name, id and holder, and by mine or of others', () => {
  assert.equal(found('').length, 6);
  assert.deepEqual(found('oosterwolde'), ['substation:owd', 'feeder:owd-1', 'feeder:owd-2']);
  assert.deepEqual(found('WHF bert'), ['substation:whf', 'feeder:whf-1']);
  assert.deepEqual(found('nobody'), ['substation:owd', 'feeder:owd-2', 'feeder:whf-2']);
  assert.deepEqual(found('', 'mine'), ['feeder:owd-1']);
  assert.deepEqual(found('', 'offered'), ['feeder:whf-1']);
  assert.deepEqual(found('', 'others', 'bert'), ['feeder:owd-1']);
  assert.deepEqual(found('owd', 'others'), []);
});

test('a thousand feeders are paged without splitting a substation, and taken by few target names', () => {
  const many = areaRows(
    Array.from({ length: 100 }, (_, n) => ({
      id: `s${n}`,
      name: `S ${n}`,
      feeders: Array.from({ length: 10 }, (_, f) => `s${n}-${f}`),
    })),
    [],
  );
  const pages = paged(many, 60, ({ parts }) => parts.length);
  assert.deepEqual(pages.flat(), many);
  assert.ok(pages.every((page) => page.reduce((sum, { parts }) => sum + parts.length, 0) <= 60));
  assert.deepEqual(
    paged([many[0]!], 5, ({ parts }) => parts.length),
    [[many[0]!]],
    'one that is longer stands alone',
  );
  assert.deepEqual(
    paged([], 5, () => 1),
    [],
  );
  const all = many.flatMap(({ parts }) => parts);
  assert.deepEqual(
    targetsOf(many, all),
    many.map(({ id }) => `substation:${id}`),
  );
  assert.deepEqual(targetsOf(many, many[3]!.parts.slice(1, 3)), ['feeder:s3-0', 'feeder:s3-1']);
});

test('a lost area is announced with who took it, what and why', () => {
  const loss: AreaLossView = {
    id: 1,
    holder: 'anna',
    how: 'taken',
    by: 'bert',
    reason: 'works',
    areas: ['feeder:owd-1'],
    at: 0,
  };
  assert.equal(lossText(loss), 'bert took owd-1 over from you: works');
  assert.equal(lossText({ ...loss, how: 'declined' }), 'bert declined owd-1, which you offered and still hold: works');
  const areas = ['substation:owd', 'feeder:owd-1', 'feeder:owd-2', 'feeder:whf-1', 'feeder:whf-2'];
  assert.equal(
    lossText({ ...loss, how: 'barred', by: null, reason: null, areas }),
    'You may not act on owd, owd-1, owd-2, whf-1 and 1 more any more; nobody holds it now',
  );
});
