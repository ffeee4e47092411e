import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HealthReport } from '../../shared/contracts/report.ts';
import type { IncidentView } from '../../shared/contracts/incident.ts';
import { T0, GATEWAY, rig, relief, dark, released } from './testing/incident-rig.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const brief = ({ startedAt, endedAt, limit, unheardSince }: IncidentView) =>
  [startedAt, endedAt, limit?.backAt ?? null, unheardSince ?? null].map((at) => (at === null ? null : at - T0));

const report = (time: number, heldKw: number): HealthReport =>
  ({
    time,
    devices: [{ device: 'battery-1', link: 'up', limitedBy: 'guard', wishedKw: heldKw, setpointKw: 0 }],
    guard: { active: heldKw > 0 },
    cycle: { overruns: 0 },
  }) as unknown as HealthReport;

test('a drained backlog yields incidents with the times of its events, all of them closed', async (t) => {
  const { book, clock, published } = rig(t);
  const own = book();
  await own.start();
  const before = T0 - 48 * HOUR;
  own.event(relief(before, 7757));
  await clock.advance(2_000);
  assert.deepEqual(brief(published.at(-1)!), [before - T0, before - T0, null, before - T0], 'its end is not known yet');
  own.event({ ...relief(before + 30_000, 7900), subject: 'feeder-2' });
  own.event(released(before + 90_000));
  own.event(relief(before + 6 * HOUR, 7800));
  await clock.advance(2_000);
  own.reported(GATEWAY, report(T0 + 4_000, 0));
  await clock.advance(10 * MINUTE);
  const last = new Map(published.map((each) => [each.id, each]));
  assert.deepEqual(
    [...last.values()].map(brief),
    [
      [-48 * HOUR, -48 * HOUR + 90_000, -48 * HOUR + 90_000, null],
      [-42 * HOUR, -42 * HOUR, null, -42 * HOUR],
    ],
    'the end of the second one is unknown',
  );
  assert.ok(published.every(({ endedAt }) => endedAt !== null));
  await own.stop();
});

test('a backlog alarm ends its incident when it returned; a standing one opens it when it was raised', async (t) => {
  const { book, clock, published } = rig(t);
  const own = book();
  await own.start();
  const at = T0 - 30 * HOUR;
  own.alarm({ ...dark(7, true), raisedAt: at });
  own.alarm({ ...dark(7, false), raisedAt: at, returnedAt: at + 20 * MINUTE });
  own.alarm({ ...dark(8, true), raisedAt: at + 10 * HOUR });
  await clock.advance(3 * MINUTE);
  own.reported(GATEWAY, report(T0 + 3 * MINUTE, 0));
  await clock.advance(2_000);
  const last = [...new Map(published.map((each) => [each.id, each])).values()];
  assert.deepEqual(last.map(brief), [
    [-30 * HOUR, -30 * HOUR + 20 * MINUTE, null, null],
    [-20 * HOUR, null, null, null],
  ]);
  await own.stop();
});

test('a backlog event does not join a current incident', async (t) => {
  const { book, clock, published } = rig(t);
  const own = book();
  await own.start();
  own.event(relief(T0, 7757));
  own.event({ ...relief(T0 - 5 * HOUR, 9999), subject: 'other' });
  await clock.advance(5_000);
  const now = published.findLast(({ id }) => id === 1)!;
  assert.deepEqual([now.startedAt, now.limit?.worst, now.endedAt], [T0, 7757, null]);
  await own.stop();
});

test('an incident at a silent gateway shows when it was last heard, and silence counts no relief', async (t) => {
  const { book, clock, published } = rig(t);
  const own = book();
  await own.start();
  own.reported(GATEWAY, report(T0, 0));
  own.event(relief(T0, 7757));
  await clock.advance(10_000);
  own.reported(GATEWAY, report(T0 + 10_000, 360));
  await clock.advance(50 * MINUTE);
  assert.deepEqual(brief(published.at(-1)!), [0, null, null, 10_000], 'it is open and not heard since');
  own.reported(GATEWAY, report(T0 + 50 * MINUTE, 360));
  await clock.advance(2_000);
  const { reliefs, unheardSince, entries } = published.at(-1)!;
  assert.equal(unheardSince, null);
  assert.ok(reliefs[0]!.energyKwh < 20, `${reliefs[0]!.energyKwh} kWh of 360 kW over a silence of 50 min`);
  assert.deepEqual(
    entries.map(({ code, at }) => [code, at - T0]).filter(([code]) => String(code).startsWith('gateway')),
    [
      ['gateway.silent', 10_000],
      ['gateway.heard', 50 * MINUTE + 10_000],
    ],
  );
  await own.stop();
});

test('relief that began just before an incident belongs to it; relief from long before does not', async (t) => {
  for (const [leadMs, kw] of [
    [1000, 360],
    [60_000, 40],
  ] as const) {
    const { book, clock, published } = rig(t);
    const own = book();
    await own.start();
    own.reported(GATEWAY, report(T0 - leadMs, 320));
    own.event(relief(T0, 7757));
    own.reported(GATEWAY, report(T0 + 1000, 360));
    await clock.advance(2000);
    assert.deepEqual(
      published.at(-1)!.reliefs.map((each) => each.kw),
      [kw],
    );
    await own.stop();
  }
});

test('an incident open at a restart and not heard of again has an unknown end', async (t) => {
  const { book, clock, store } = rig(t);
  const before = book();
  await before.start();
  before.event(relief(T0, 7757));
  await clock.advance(10_000);
  await before.stop();
  await clock.advance(3 * HOUR);
  const after = book();
  await after.start();
  await clock.advance(5_000);
  assert.deepEqual((await store.list({ limit: 10 })).map(brief), [[0, 0, null, 0]]);
  after.reported(GATEWAY, report(T0 + 3 * HOUR + 5_000, 100));
  await clock.advance(5_000);
  assert.equal((await store.get(1))!.endedAt, null, 'its guard still acts');
  after.event(released(T0 + 3 * HOUR + 20_000));
  after.reported(GATEWAY, report(T0 + 3 * HOUR + 20_000, 0));
  await clock.advance(30_000);
  const { endedAt, limit } = (await store.get(1))!;
  assert.deepEqual([endedAt! - T0 - 3 * HOUR, limit!.backAt! - T0 - 3 * HOUR], [20_000, 20_000]);
  await after.stop();
});
