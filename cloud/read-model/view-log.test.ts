import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import {
  anything,
  array,
  assert as check,
  boolean,
  dictionary,
  integer,
  oneof,
  property,
  record,
  string,
  uniqueArray,
} from 'fast-check';
import { patched } from '../../shared/codec/patch.ts';
import { ViewLog } from './view-log.ts';

const leaf = oneof(
  integer({ min: 0, max: 3 }),
  boolean(),
  string({ maxLength: 2 }),
  array(integer({ min: 0, max: 2 }), { maxLength: 2 }),
);
const item = record({
  id: integer({ min: 0, max: 4 }),
  kw: leaf,
  more: dictionary(string({ maxLength: 1 }), leaf, { maxKeys: 2 }),
});
const list = uniqueArray(item, { selector: ({ id }) => id, maxLength: 4 });
const view = oneof(
  leaf,
  list,
  record({ units: list, clock: record({ now: leaf }), rest: oneof(leaf, list, anything({ maxDepth: 1 })) }),
);
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value) ?? 'null') as unknown;

test('a reader that polls at any time holds the newest view, however often it changed', () => {
  check(
    property(
      array(record({ view, reads: array(boolean(), { minLength: 3, maxLength: 3 }) }), { maxLength: 30 }),
      (steps) => {
        const log = new ViewLog();
        const readers = [0, 1, 2].map(() => ({ held: undefined as unknown, position: -1 }));
        for (const [at, { view: next, reads }] of steps.entries()) {
          const now = plain(next);
          log.update(now, at + 1);
          for (const [index, reader] of readers.entries()) {
            if (reads[index] !== true) continue;
            if (reader.position < 0) reader.held = JSON.parse(log.whole());
            else {
              const changes = log.since(reader.position);
              if (changes !== undefined) reader.held = patched(reader.held, JSON.parse(changes));
            }
            reader.position = at + 1;
            assert.deepEqual(reader.held, now);
          }
        }
      },
    ),
    { numRuns: 1000 },
  );
});

test('only changes are sent, by name and by id', () => {
  const log = new ViewLog();
  const units = [1, 2, 3].map((n) => ({ id: `u${n}`, kw: n, state: { link: 'up', since: n } }));
  log.update({ name: 'north', units }, 1);
  log.update({ name: 'north', units: units.with(1, { ...units[1]!, kw: 7 }) }, 2);
  assert.deepEqual(JSON.parse(log.since(1)!), { units: { u2: { kw: 7 } } });
  log.update({ name: 'north', units: units.slice(0, 2) }, 3);
  assert.deepEqual(JSON.parse(log.since(2)!), { units: { u2: { kw: 2 }, $ids: ['u1', 'u2'] } });
  assert.equal(log.update({ name: 'north', units: units.slice(0, 2) }, 4), false);
  assert.equal(log.since(3), undefined);
});

test('readers at many positions leave few cached texts behind', () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const log = new ViewLog();
  const [POSITIONS, CHARS] = [500, 100_000];
  log.update({ text: '' }, 1);
  log.update({ text: 'x'.repeat(CHARS) }, POSITIONS);
  collect();
  const before = process.memoryUsage().heapUsed;
  for (let at = 1; at < POSITIONS; at++) assert.ok(log.since(at)!.length > CHARS);
  collect();
  const grown = process.memoryUsage().heapUsed - before;
  assert.ok(grown < 10e6, `${Math.round(grown / 1e6)} MB more`);
});
