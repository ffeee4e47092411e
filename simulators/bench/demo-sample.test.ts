import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sampleOf, type Reading } from './demo-sample.ts';

const counts = (fast: number, slow: number) => [
  { upToS: 0.01, count: fast },
  { upToS: 0.1, count: fast + slow },
];
const at = (minutes: number, streamedBytes: number, late: Reading['late']): Reading => ({
  atMs: minutes * 60_000,
  plantHours: minutes,
  streamedBytes,
  late,
  cpu: late,
  pss: { total: 700, processes: { cloud: 700 } },
});

test('a sample covers delays and bytes of its own half hour, not since the start', () => {
  const start = at(0, 0, counts(0, 0));
  const bad = at(30, 1_800_000, counts(0, 1000));
  const good = at(60, 1_980_000, counts(1000, 1000));
  const figures = [sampleOf(start, start), sampleOf(start, bad), sampleOf(bad, good)].map(
    ({ minutes, mainThreadP99Ms, mainThreadCpuP99Ms, streamBytesPerSecond }) => {
      assert.equal(mainThreadCpuP99Ms, mainThreadP99Ms);
      return { minutes, mainThreadP99Ms, streamBytesPerSecond };
    },
  );
  assert.deepEqual(figures, [
    { minutes: 0, mainThreadP99Ms: null, streamBytesPerSecond: null },
    { minutes: 30, mainThreadP99Ms: 99.1, streamBytesPerSecond: 1000 },
    { minutes: 60, mainThreadP99Ms: 9.9, streamBytesPerSecond: 100 },
  ]);
});
