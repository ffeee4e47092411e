import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildRegion } from '../../simulators/region/region.ts';
import { HeadWatch, type JumpChange, type Power } from './head-watch.ts';

const T0 = Date.UTC(2021, 8, 25);

/** Feeder 2 of Hoofddorp, read every second; `devices` gives the devices' power. */
function watched(loads: (second: number) => number, seconds: number, devices: (second: number) => number = () => 0) {
  let second = 0;
  const watch = new HeadWatch(buildRegion(['hfdp']), (_gateway, device) =>
    device === 'ev-1' ? { value: devices(second), time: T0 + 1000 * second } : undefined,
  );
  const changes: (JumpChange & { readonly feeder: string })[] = [];
  for (; second < seconds; second++) {
    const kw = loads(second) + devices(second);
    const found = watch.reading('hfdp-01', 'feeder-2', { time: T0 + 1000 * second, kw });
    for (const { feeder, change } of [...(found === undefined ? [] : [found]), ...watch.tick()])
      changes.push({ feeder, ...change });
  }
  return changes;
}

test('a doubled load is reported within three seconds with load before and after, and so is its end', () => {
  const changes = watched((second) => (second >= 100 && second < 400 ? 2200 : 1100), 500);
  assert.deepEqual(changes, [
    { feeder: 'hfdp-2', kind: 'began', at: T0 + 100_000, beforeKw: 1100, peakKw: 2200 },
    { feeder: 'hfdp-2', kind: 'ended', at: T0 + 400_000, kw: 1100 },
  ]);
});

test('a jump is reported correctly although all clocks were a day ahead before', () => {
  const watch = new HeadWatch(buildRegion(['hfdp']), () => undefined);
  const changes: JumpChange[] = [];
  for (let second = 0; second < 200; second++) {
    const time = T0 + 1000 * second + (second < 10 ? 86_400_000 : 0);
    const kw = second < 100 ? 1100 : 2200;
    for (const found of [watch.reading('hfdp-01', 'feeder-2', { time, kw }), ...watch.tick()])
      if (found !== undefined) changes.push(found.change);
  }
  assert.deepEqual(changes, [{ kind: 'began', at: T0 + 100_000, beforeKw: 1100, peakKw: 2200 }]);
});

test('a device clock that is half an hour behind does not delay the report of a jump', () => {
  const watch = new HeadWatch(buildRegion(['hfdp']), () => undefined);
  const changes: [second: number, change: JumpChange][] = [];
  for (let second = 0; second < 200; second++) {
    const time = T0 + 1000 * second;
    const found = [
      watch.reading('hfdp-01', 'feeder-2', { time, kw: second < 100 ? 1100 : 2200 }),
      watch.reading('hfdp-01', 'pv-1', { time: time - 1_800_000, kw: -5 }),
      ...watch.tick(),
    ];
    for (const each of found) if (each !== undefined) changes.push([second, each.change]);
  }
  assert.deepEqual(
    changes.map(([, change]) => change),
    [{ kind: 'began', at: T0 + 100_000, beforeKw: 1100, peakKw: 2200 }],
  );
  assert.ok(changes[0]![0] <= 103, `reported after ${changes[0]![0] - 100} s`);
});

/** A jump at 100 s next to two chargers: one reports after `tells`, the other never. */
function jumpBeside(chargerKw: number, tells: number): JumpChange[] {
  let second = 0;
  const watch = new HeadWatch(buildRegion(['hfdp']), (_gateway, device) => {
    if (device === 'ev-2') return { value: 0, time: T0 };
    if (device !== 'ev-1') return undefined;
    return second < tells ? { value: 0, time: T0 } : { value: chargerKw, time: T0 + 1000 * tells };
  });
  const changes: JumpChange[] = [];
  for (; second < 150; second++) {
    const kw = second < 100 ? 1080 : 2160;
    for (const found of [watch.reading('hfdp-01', 'feeder-2', { time: T0 + 1000 * second, kw }), ...watch.tick()])
      if (found !== undefined) changes.push(found.change);
  }
  return changes;
}

test('a doubled load is reported at once although devices are silent', () => {
  const changes = jumpBeside(0, Infinity);
  assert.equal(changes.length, 1);
  assert.ok(changes[0]?.kind === 'began' && Math.abs(changes[0].beforeKw - 1080) < 1);
});

test('the share of a charger in a jump is deducted once it reports', () => {
  const [began, refined, ...more] = jumpBeside(200, 112);
  assert.ok(began?.kind === 'began' && Math.abs(began.beforeKw - 1080) < 1);
  assert.ok(refined?.kind === 'refined' && refined.at === began.at);
  assert.ok(Math.abs(refined.beforeKw - 1280) < 1, `${refined.beforeKw}`);
  assert.deepEqual(more, []);
});

test('what a battery did against a jump, and reported before the jump was judged, is no part of the jump', () => {
  let second = 0;
  const [charging, relieving] = [400, -300];
  const watch = new HeadWatch(buildRegion(['hfdp']), (_gateway, device) => {
    if (device !== 'ev-1') return undefined;
    return second < 102
      ? { value: charging, time: T0 + 1000 * second }
      : { value: relieving, time: T0 + 1000 * second };
  });
  const changes: JumpChange[] = [];
  for (; second < 150; second++) {
    const kw = (second < 100 ? 1100 : 2200) + (second < 102 ? charging : relieving);
    for (const found of [watch.reading('hfdp-01', 'feeder-2', { time: T0 + 1000 * second, kw }), ...watch.tick()])
      if (found !== undefined) changes.push(found.change);
  }
  const [began] = changes;
  assert.ok(began?.kind === 'began');
  assert.ok(Math.abs(began.peakKw - began.beforeKw - 1100) < 1, `${began.peakKw - began.beforeKw}`);
});

test('a jump while the reading before it still waits for devices is reported within their wait', () => {
  let second = 0;
  const watch = new HeadWatch(buildRegion(['hfdp']), (_gateway, device) =>
    device === 'ev-1' || device === 'ev-2' ? { value: 0, time: T0 + 60_000 * Math.floor(second / 60) } : undefined,
  );
  const changes: { readonly second: number; readonly change: JumpChange }[] = [];
  for (; second < 240; second++) {
    const kw = second < 190 ? 970 : 1830;
    const isRead = second % 20 === 0 || second === 191;
    const reading = { time: T0 + 1000 * second, kw };
    watch.heard('hfdp-01', reading.time);
    const found = isRead ? watch.reading('hfdp-01', 'feeder-2', reading) : undefined;
    for (const { change } of [...(found === undefined ? [] : [found]), ...watch.tick()])
      changes.push({ second, change });
  }
  const [began] = changes;
  assert.ok(began?.change.kind === 'began');
  assert.equal(began.change.at, T0 + 191_000);
  assert.ok(Math.abs(began.change.beforeKw - 970) < 1, `${began.change.beforeKw}`);
  assert.ok(began.second <= 206, `reported at ${began.second} s`);
});

test('a slow rise, noise, a device switched on and a one-second fault are no spikes', () => {
  assert.deepEqual(
    watched((second) => 1100 + second, 3600),
    [],
  );
  assert.deepEqual(
    watched((second) => 1100 + 60 * Math.sin(second * 7.3), 3600),
    [],
  );
  assert.deepEqual(
    watched(
      () => 1100,
      600,
      (second) => (second > 300 ? 500 : 0),
    ),
    [],
  );
  assert.deepEqual(
    watched((second) => (second === 300 ? 3000 : 1100), 600),
    [],
  );
});

test('a load that stays up becomes the base load, and a jump across a gap of readings is not reported', () => {
  const changes = watched((second) => (second >= 100 ? 2200 : 1100), 4000);
  assert.deepEqual(
    changes.map(({ kind }) => kind),
    ['began', 'absorbed'],
  );
  const watch = new HeadWatch(buildRegion(['hfdp']), () => undefined);
  const read = (second: number, kw: number) => {
    const found = watch.reading('hfdp-01', 'feeder-2', { time: T0 + 1000 * second, kw });
    return found ?? watch.tick()[0];
  };
  for (let second = 0; second < 100; second++) assert.equal(read(second, 1100), undefined);
  for (let second = 500; second < 600; second++) assert.equal(read(second, 2200), undefined);
});

test('a spike before a gap of readings ends where it was last seen', () => {
  const watch = new HeadWatch(buildRegion(['hfdp']), () => undefined);
  const changes: JumpChange[] = [];
  for (const [second, kw] of [
    ...Array.from({ length: 30 }, (_, at) => [10 * at, 1100] as const),
    ...Array.from({ length: 10 }, (_, at) => [300 + 10 * at, 2200] as const),
    [1000, 1100] as const,
  ])
    for (const found of [watch.reading('hfdp-01', 'feeder-2', { time: T0 + 1000 * second, kw }), ...watch.tick()])
      if (found !== undefined) changes.push(found.change);
  assert.deepEqual(
    changes.map(({ kind }) => kind),
    ['began', 'ended'],
  );
  assert.equal(changes[1]!.kind === 'ended' && changes[1]!.at, T0 + 390_000);
});

type Report = NonNullable<ReturnType<Power>>;

/** The head is read every ten seconds at `kw`; `reportOf` gives the last reports of its battery and solar plant. */
function changesOf(
  kw: (second: number) => number,
  reportOf: (device: string, second: number) => Report | undefined,
  head = 'feeder-1',
) {
  let second = 0;
  const watch = new HeadWatch(buildRegion(['hfdp']), (_gateway, device) => reportOf(device, second));
  const changes: JumpChange[] = [];
  for (; second < 600; second += 10) {
    const found = watch.reading('hfdp-01', head, { time: T0 + 1000 * second, kw: kw(second) });
    for (const { change } of [...(found === undefined ? [] : [found]), ...watch.tick()]) changes.push(change);
  }
  return changes;
}

test('after a start, the first report of a device is no spike', () => {
  const reportOf = (device: string, second: number): Report | undefined =>
    device === 'pv-1' && second >= 100 ? { value: -900, time: T0 + 1000 * second } : undefined;
  assert.deepEqual(
    changesOf(() => 300, reportOf),
    [],
  );
});

test('a device that moves between two head readings is no spike, even if reported before the head', () => {
  const at = (second: number): number => (second > 300 ? -500 : 0);
  const reportOf = (device: string, second: number): Report | undefined =>
    // Read four seconds after the head, but reported before it.
    device === 'battery-1' ? { value: at(second + 4), time: T0 + 1000 * (second + 4) } : undefined;
  assert.deepEqual(
    changesOf((second) => 1100 + at(second), reportOf),
    [],
  );
});

test('a jump within the range of a silent device is no spike; one beyond it is', () => {
  const reportOf = (device: string, second: number): Report | undefined =>
    device === 'battery-1'
      ? { value: -400, time: T0 + 1000 * Math.min(second, 200), isSilent: second > 220 }
      : undefined;
  const returned = changesOf((second) => (second > 300 ? 1100 : 700), reportOf);
  assert.deepEqual(returned, []);
  const spike = changesOf((second) => (second > 300 && second < 400 ? 4400 : 700), reportOf);
  assert.deepEqual(
    spike.map(({ kind }) => kind),
    ['began', 'ended'],
  );
});

test('a spike is reported although devices report no change or relieve it at once', () => {
  const relief = (second: number): number => (second > 302 && second < 400 ? 250 : 400);
  const reportOf = (device: string, second: number): Report | undefined =>
    device === 'ev-1' ? { value: relief(second), time: T0 + 1000 * (second > 302 ? 303 : 0) } : undefined;
  for (const device of ['ev-1', 'nothing']) {
    const changes = changesOf(
      (second) => (second > 295 && second < 400 ? 3000 : 2000) + (device === 'ev-1' ? relief(second) : 400),
      (name, second) => (name === device ? reportOf(name, second) : { value: 0, time: T0 }),
      'feeder-2',
    );
    assert.deepEqual(
      changes.map(({ kind }) => kind),
      ['began', 'ended'],
      device,
    );
  }
});
