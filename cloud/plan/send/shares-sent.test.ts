import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Forecast } from '../../../shared/contracts/forecast.ts';
import type { ShareKw } from '../../../shared/contracts/share-schedule.ts';
import { plansOf, reportOn, setUp, settingsOf, type Sent } from '../testing/dispatch-rig.ts';

const MINUTE = 60_000;
const GATEWAYS = ['aaa-01', 'bbb-01'] as const;
const LIMIT_KW = 10_000;

const importOf = (sent: readonly Sent[], gateway: string): number | undefined =>
  settingsOf(sent, gateway).at(-1)?.body.gridLimit?.importKw;
/** Asserts that in no step all shares together exceed the region's limit. */
function assertShared(sent: readonly Sent[]): void {
  const schedules = GATEWAYS.map((gateway) => settingsOf(sent, gateway).at(-1)?.body.gridLimit?.schedule);
  for (const side of ['importKw', 'exportKw'] as const)
    for (const step of schedules[0]!.importKw.keys()) {
      const sum = schedules.reduce((total, schedule) => total + schedule![side][step]!, 0);
      assert.ok(sum <= LIMIT_KW, `${side} of step ${step}: ${sum}`);
    }
}

test('the present load replaces a missing forecast, and the region keeps its limit', async () => {
  const isMissing = ({ target }: Forecast): boolean => target === 'substation:bbb' || target.startsWith('region');
  const { clock, sent, service } = await setUp({ forecast: (one) => (isMissing(one) ? undefined : one) });
  await clock.advance(10 * MINUTE);
  for (const gateway of GATEWAYS) assert.ok(importOf(sent, gateway)! > 1600, `${gateway} ${importOf(sent, gateway)}`);
  assertShared(sent);
  await service.stop();
});

test('a substation without data gets its fail-safe share, and the others share the rest', async () => {
  const failsafe: Record<string, ShareKw> = { bbb: { importKw: 3000, exportKw: 2000 } };
  const { clock, sent, service } = await setUp({
    failsafe,
    forecast: (one) => (one.target === 'substation:bbb' ? undefined : one),
    estimate: (state) => (state.substation === 'bbb' ? undefined : state),
  });
  await clock.advance(10 * MINUTE);
  assert.deepEqual(
    GATEWAYS.map((gateway) => importOf(sent, gateway)),
    [7000, 3000],
  );
  assertShared(sent);
  await service.stop();
});

test('a gateway gets its share on birth, before any plan', async () => {
  const { sent, service, clock } = await setUp({ estimate: () => undefined });
  await service.onBorn('aaa-01');
  await clock.advance(1000);
  assert.deepEqual([importOf(sent, 'aaa-01'), plansOf(sent).length], [5000, 0]);
  await service.stop();
});

/** One substation takes 6,000 kW, the other nothing. */
function uneven(forecast: Forecast): Forecast {
  const more = forecast.target === 'substation:aaa' ? 4400 : forecast.target === 'substation:bbb' ? -1600 : 0;
  return { ...forecast, values: forecast.values.map((row) => row.map((kw) => kw + more)) };
}

test('a share that others hold down is granted in full once they have accepted smaller ones', async () => {
  const { clock, sent, service } = await setUp({ estimate: () => undefined, forecast: uneven });
  for (const gateway of GATEWAYS) await service.onBorn(gateway);
  assert.equal(importOf(sent, 'aaa-01'), undefined, 'bbb may hold its fail-safe share');
  const given = settingsOf(sent, 'bbb-01').at(-1)!;
  await service.onReport('bbb-01', reportOn(given, 'accepted'));
  await clock.advance(1000);
  assert.ok(importOf(sent, 'aaa-01')! > 7000, `${importOf(sent, 'aaa-01')}`);
  assertShared(sent);
  const count = settingsOf(sent, 'aaa-01').length;
  await service.onReport('aaa-01', reportOn(settingsOf(sent, 'aaa-01').at(-1)!, 'accepted'));
  await clock.advance(1000);
  assert.equal(settingsOf(sent, 'aaa-01').length, count, 'and it is not sent again');
  await service.stop();
});

test('a plan keeps to the share that its gateway was given, not to the one that was asked for', async () => {
  const { clock, sent, service } = await setUp({ forecast: uneven });
  const counted = (): number => {
    const { body } = plansOf(sent).findLast(({ gateway }) => gateway === 'aaa-01')!.document;
    return body.watched.find(({ id }) => id === 'transformer-kw')!.max;
  };
  await clock.advance(5 * MINUTE);
  assert.equal(importOf(sent, 'aaa-01'), 5000);
  assert.ok(counted() < 5300, `${counted()} kW`);
  await service.onReport('bbb-01', reportOn(settingsOf(sent, 'bbb-01').at(-1)!, 'accepted'));
  await clock.advance(10 * MINUTE);
  assert.ok(counted() > 7000, `${counted()} kW`);
  await service.stop();
});

test('a silent gateway blocks no other: the next round assigns a share beside what it may hold', async () => {
  const { clock, sent, service } = await setUp({ estimate: () => undefined, forecast: uneven });
  await service.onBorn('aaa-01');
  await clock.advance(5 * MINUTE);
  assert.equal(importOf(sent, 'aaa-01'), 5000);
  await service.stop();
});
