import assert from 'node:assert/strict';
import { test } from 'node:test';
import { four, siteOf, start, started, turnOver } from './testing/charging-bench.ts';

test('a disconnected charger counts at its profile until that expires', async () => {
  const { all, run, total, value, chargers } = await four();
  await all[0]!.plug(1, 22);
  await all[1]!.plug(1, 22);
  await run(60, 30);
  chargers.disconnect(all[0]!);
  let most = 0;
  for (let at = 0; at < 240; at++) {
    await run(1, 30);
    most = Math.max(most, total());
    if (at === 10) assert.ok(value('activePowerKw')! >= total() - 0.5, `reads ${value('activePowerKw')} of ${total()}`);
  }
  assert.ok(most <= 30.1, `${most} kW under a limit of 30`);
  await run(120, 30);
  assert.ok(all[1]!.kw > 20, `the others get the rest: ${all[1]!.kw}`);
});

test('a limit without a timely answer counts as what the charger may take', async () => {
  const { all, run, total } = await four();
  await all[0]!.plug(1, 22);
  await all[1]!.plug(1, 22);
  await run(60, 30);
  const answer = all[0]!.answer.bind(all[0]!);
  all[0]!.answer = (call) => {
    answer(call);
    return undefined;
  };
  await all[1]!.unplug(1);
  await run(20, 30);
  assert.ok(all[0]!.kw > 20, `it gets what is free now: ${all[0]!.kw}`);
  await all[1]!.plug(1, 22);
  let most = 0;
  for (let at = 0; at < 120; at++) {
    await run(1, 30);
    most = Math.max(most, total());
  }
  assert.ok(most <= 30.1, `${most} kW under a limit of 30`);
});

const SAMPLES = {
  power: (kw: number) => ({ value: String(kw), measurand: 'Power.Active.Import', unit: 'kW' }),
  register: (kwh: number) => ({ value: String(kwh), measurand: 'Energy.Active.Import.Register', unit: 'kWh' }),
  volts: (value: number) => ({ value: String(value), measurand: 'Voltage', phase: 'L1-N' }),
};

/** An OCPP 1.6 charger with a charging car, whose meter values come at given seconds by a clock that may be wrong. */
async function metered() {
  const { clock, chargers, driver, make } = siteOf({});
  const charger = make('cp-01', 'ocpp1.6');
  chargers.connect(charger);
  await turnOver();
  assert.ok(chargers.says(charger, 'StartTransaction', start));
  const says = async (afterS: number, samples: readonly object[], aheadS = 0): Promise<void> => {
    await clock.advance(1000 * afterS);
    const timestamp = new Date(clock.plant.now() + 1000 * aheadS).toISOString();
    chargers.says(charger, 'MeterValues', { connectorId: 1, meterValue: [{ timestamp, sampledValue: samples }] });
  };
  const power = () => driver.read().get('activePowerKw');
  return { driver, says, power, clock };
}

test('a value that a meter stops reporting becomes stale even if others still arrive', async () => {
  const { driver, says, power } = await metered();
  await says(10, [SAMPLES.power(11), SAMPLES.volts(240)]);
  assert.deepEqual([power()?.value, power()?.origin], [11, 'measured']);
  for (let at = 0; at < 4; at++) await says(10, [SAMPLES.volts(231)]);
  assert.equal(power()?.origin, 'estimated', 'its power is 40 s old');
  for (let at = 0; at < 4; at++) await says(10, [SAMPLES.power(0.1)]);
  assert.equal(power()?.value, 0.1);
  const volts = driver.read().get('voltagePu');
  assert.equal(volts, undefined, 'so is its voltage');
});

test('power is derived from the energy register at any reporting interval, within plausible limits', async () => {
  const { says, power, driver } = await metered();
  let kwh = 0;
  const charges = async (kw: number, seconds: number): Promise<void> => {
    for (let at = 0; at < seconds; at += 3) {
      kwh += (3 * kw) / 3600;
      await says(3, [SAMPLES.register(kwh)]);
    }
  };
  await charges(7, 60);
  assert.ok(Math.abs(power()!.value - 7) < 0.1, `${power()?.value} instead of 7`);
  await charges(22, 60);
  assert.ok(Math.abs(power()!.value - 22) < 0.1, `${power()?.value} instead of 22`);
  // The meter was exchanged.
  kwh = 0;
  await charges(22, 3);
  const before = driver.counters().refused;
  await says(10, [SAMPLES.register(50_000)]);
  await says(10, [SAMPLES.register(0.1)]);
  assert.ok(power()!.value >= 0 && power()!.value < 1000, `${power()?.value} kW`);
  assert.equal(driver.counters().refused, before + 2);
});

test('a charger whose clock was set back is read again once its earlier values are stale', async () => {
  const { says, power } = await metered();
  await says(10, [SAMPLES.power(11)]);
  assert.equal(power()?.value, 11);
  for (let at = 0; at < 4; at++) await says(10, [SAMPLES.power(7)], -2700);
  assert.deepEqual([power()?.value, power()?.origin], [7, 'measured']);
});

test('the energy that a car still needs counts down from its latest request', async () => {
  const { chargers, driver, make, clock } = siteOf({});
  const charger = make('cp-01', 'ocpp2.0.1');
  chargers.connect(charger);
  await turnOver();
  const wants = async (energyAmount: number): Promise<void> => {
    const acChargingParameters = { energyAmount, evMinCurrent: 6, evMaxCurrent: 32, evMaxVoltage: 400 };
    const chargingNeeds = { requestedEnergyTransfer: 'AC_three_phase', acChargingParameters };
    assert.ok(chargers.says(charger, 'NotifyEVChargingNeeds', { evseId: 1, chargingNeeds }));
  };
  const register = async (wh: number): Promise<void> => {
    await clock.advance(600_000);
    const timestamp = new Date(clock.plant.now()).toISOString();
    const sampledValue = [{ value: wh, measurand: 'Energy.Active.Import.Register' }];
    chargers.says(charger, 'MeterValues', { evseId: 1, meterValue: [{ timestamp, sampledValue }] });
  };
  chargers.says(charger, 'TransactionEvent', started);
  await register(100_000);
  await wants(30_000);
  await register(120_000);
  assert.equal(driver.sessions()?.[0]?.energyDueKwh, 10);
  await wants(15_000);
  assert.equal(driver.sessions()?.[0]?.energyDueKwh, 15, 'a new request');
  await register(125_000);
  assert.equal(driver.sessions()?.[0]?.energyDueKwh, 10);
});

test('an invalid departure time is ignored, so that the sessions stay valid', async () => {
  const { chargers, driver, make } = siteOf({});
  const charger = make('cp-01', 'ocpp2.0.1');
  chargers.connect(charger);
  await turnOver();
  chargers.says(charger, 'TransactionEvent', started);
  for (const departureTime of ['1960-01-01T00:00:00Z', '+275000-01-01T00:00:00Z', 'soon', '0000-00-00T00:00:00Z']) {
    const chargingNeeds = { requestedEnergyTransfer: 'DC', departureTime };
    assert.ok(chargers.says(charger, 'NotifyEVChargingNeeds', { evseId: 1, chargingNeeds }));
    assert.deepEqual(driver.sessions(), [{ id: 'cp-01/1', maxKw: 100, minKw: 4.2 }], departureTime);
    assert.equal(driver.read().get('deadlineMs'), undefined);
  }
});

test('a limit in amperes is resent at once when the car changes its number of phases', async () => {
  const { chargers, driver, make, clock } = siteOf({
    write: { keepAliveS: 60, minIntervalS: 5, deadbandPct: 1, revertAfterS: 180 },
  });
  const charger = make('cp-01', 'ocpp1.6', { amperesOnly: true });
  chargers.connect(charger);
  await turnOver();
  chargers.says(charger, 'StartTransaction', start);
  let volts = 225;
  const cycle = async (amperes: readonly number[]): Promise<unknown> => {
    await clock.advance(1000);
    const timestamp = new Date(clock.plant.now()).toISOString();
    const sampledValue = [
      ...amperes.map((value, at) => ({ value: String(value), measurand: 'Current.Import', phase: `L${at + 1}` })),
      { value: String(volts), measurand: 'Voltage', phase: 'L1-N' },
    ];
    chargers.says(charger, 'MeterValues', { connectorId: 1, meterValue: [{ timestamp, sampledValue }] });
    await driver.hold({ activePowerLimitKw: 11 }, false);
    await turnOver();
    const profile = charger.asked.findLast(({ action }) => action === 'SetChargingProfile')?.payload;
    return (profile as { csChargingProfiles: { chargingSchedule: { chargingSchedulePeriod: unknown } } })
      .csChargingProfiles.chargingSchedule.chargingSchedulePeriod;
  };
  const limit = (amperes: number) => [{ startPeriod: 0, limit: amperes }];
  assert.deepEqual(await cycle([16, 0, 0]), limit(47.8), 'on one phase');
  assert.deepEqual(await cycle([20, 20, 20]), limit(15.9), 'on three');
  assert.deepEqual(await cycle([15.9, 15.9, 15.9]), limit(15.9));
  volts = 253;
  assert.deepEqual(await cycle([16, 0, 0]), limit(43.4), 'rounded down at the voltage that there is');
  volts = 230;
  assert.deepEqual(await cycle([20, 20, 20]), limit(15.9));
  assert.deepEqual(await cycle([0, 0, 0]), limit(15.9), 'a pausing car does not show its phases');
});

test('a request left open on an old connection does not affect the new one', async () => {
  const { chargers, driver, make } = siteOf({});
  const charger = make('cp-01', 'ocpp1.6');
  const open = Promise.withResolvers<void>();
  chargers.pause = () => open.promise;
  chargers.connect(charger);
  chargers.pause = undefined;
  chargers.connect(charger);
  await turnOver();
  charger.fate = 'refuses';
  open.resolve();
  await turnOver();
  charger.fate = 'well';
  assert.equal(driver.counters().lastRefusal, null);
  const defaults = (): number => charger.asked.filter(({ action }) => action === 'SetChargingProfile').length;
  assert.equal(defaults(), 1);
  await charger.boot();
  await driver.hold({}, false);
  await turnOver();
  assert.equal(defaults(), 2, 'its default is sent again after it boots');
});

test('a session ends only once all outlets of its EVSE are free', async () => {
  const { chargers, make, value } = siteOf({});
  const charger = make('cp-01', 'ocpp2.0.1');
  chargers.connect(charger);
  await turnOver();
  const says = (connectorId: number, connectorStatus: string): void =>
    void chargers.says(charger, 'StatusNotification', { evseId: 1, connectorId, connectorStatus });
  const begins = (evse: object): boolean => chargers.says(charger, 'TransactionEvent', { ...started, evse });
  for (const free of ['Unavailable', 'Available']) {
    says(1, 'Occupied');
    begins({ id: 1 });
    says(2, free);
    assert.equal(value('sessions'), 1, `the other outlet is ${free}`);
    says(1, 'Available');
    assert.equal(value('sessions'), 0, 'the charger lost it with its memory');
  }
  begins({ id: 1, connectorId: 2 });
  says(1, 'Available');
  assert.equal(value('sessions'), 1, 'it charges at the second');
  says(2, 'Available');
  assert.equal(value('sessions'), 0);
  begins({ id: 1 });
  chargers.says(charger, 'TransactionEvent', { ...started, eventType: 'Ended' });
  assert.equal(value('sessions'), 0);
});

test('a charger that does not answer delays the relief of no other, and counts at what it may take', async () => {
  const { chargers, driver, make, clock } = siteOf({
    ids: ['a', 'b'],
    write: { keepAliveS: 60, minIntervalS: 1, deadbandPct: 1, revertAfterS: 180 },
  });
  const [mute, well] = [make('a', 'ocpp1.6'), make('b', 'ocpp1.6')];
  let open: PromiseWithResolvers<void> | undefined;
  chargers.pause = async () => open?.promise;
  chargers.connect(mute);
  chargers.pause = undefined;
  chargers.connect(well);
  await turnOver();
  for (const charger of [mute, well]) chargers.says(charger, 'StartTransaction', start);
  const limits = async (): Promise<unknown> => {
    await turnOver();
    return chargers.limits.splice(0).map(({ charger, kw }) => [charger, kw]);
  };
  const told = async (kw: number, urgent = false): Promise<unknown> => {
    await clock.advance(1000);
    await driver.hold({ activePowerLimitKw: kw }, urgent);
    return limits();
  };
  const answers = (): Promise<unknown> => {
    open?.resolve();
    open = undefined;
    return limits();
  };
  await told(40);
  open = Promise.withResolvers();
  assert.deepEqual(await told(30), [['b', 15]], 'the other has not lowered its 20 yet');
  assert.deepEqual(await told(28, true), [['b', 8]], 'relief is sent at once');
  assert.deepEqual(await told(34, true), [['b', 14]], 'a new limit raises what is free');
  assert.deepEqual(
    await answers(),
    [
      ['a', 15],
      ['a', 17],
      ['b', 17],
    ],
    'its answer begins a new round',
  );
  open = Promise.withResolvers();
  assert.deepEqual(await told(44), [['b', 22]]);
  assert.deepEqual(await told(40, true), [['b', 18]], 'the other may have raised its 17 to 22');
  assert.deepEqual(await told(30, true), [['b', 8]]);
  mute.fate = 'mute';
  assert.deepEqual(await answers(), [], 'its time-out frees nothing');
  assert.deepEqual(await told(29, true), [['b', 7]]);
});
