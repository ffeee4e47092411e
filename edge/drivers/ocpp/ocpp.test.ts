import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unwrap } from '../../../shared/outcome/outcome.ts';
import { VirtualClock } from '../../../shared/time/virtual-clock.ts';
import { driverConformance } from '../testing/conformance.ts';
import type { OcppVersion } from './chargers.ts';
import { readingOf } from './meter-values.ts';
import { four, near, siteOf, start, START, started, turnOver } from './testing/charging-bench.ts';

/** A meter value of a session, in the form of the charger's version. */
function reported(version: OcppVersion, raw: unknown, timeMs: number): [action: string, payload: unknown] {
  const timestamp = new Date(timeMs).toISOString();
  if (version === 'ocpp1.6') {
    const value = typeof raw === 'number' ? String(raw) : raw;
    const sampledValue = [{ value, measurand: 'Power.Active.Import', unit: 'kW' }];
    return ['MeterValues', { connectorId: 1, meterValue: [{ timestamp, sampledValue }] }];
  }
  const sampledValue = [{ value: raw, measurand: 'Power.Active.Import', unitOfMeasure: { unit: 'W', multiplier: 3 } }];
  return ['MeterValues', { evseId: 1, meterValue: [{ timestamp, sampledValue }] }];
}

for (const version of ['ocpp1.6', 'ocpp2.0.1'] as const) {
  driverConformance(
    version,
    (clock) => {
      const { chargers, driver, make } = siteOf({ clock });
      const charger = make('cp-01', version);
      let connected = false;
      const ready = async (): Promise<void> => {
        if (connected) return;
        connected = true;
        chargers.connect(charger);
        await turnOver();
        await charger.boot();
        if (version === 'ocpp1.6') chargers.says(charger, 'StartTransaction', start);
        else chargers.says(charger, 'TransactionEvent', started);
        await turnOver();
      };
      return {
        driver: {
          read: () => driver.read(),
          counters: () => driver.counters(),
          hold: async (setpoint, urgent) => {
            await ready();
            await driver.hold(setpoint, urgent);
          },
        },
        report: async (_metric, raw, timeMs) => {
          await ready();
          chargers.says(charger, ...reported(version, raw, timeMs));
        },
        settle: turnOver,
        commands: () => chargers.limits.map(({ kw }) => ({ key: 'activePowerLimitKw', value: kw })),
      };
    },
    {
      tellsTime: true,
      impossible: [version === 'ocpp1.6' ? 'abc' : '11', true, 1e300, -1e9, { value: 3 }, [4]],
      unidirectionalKey: 'activePowerLimitKw',
    },
  );
}

test('a charger gets its default profile even if it answers its configuration with rubbish', async () => {
  const { chargers, driver, make } = siteOf({});
  const charger = make('cp-01', 'ocpp1.6', { connectors: 2 });
  const answer = charger.answer.bind(charger);
  charger.answer = (call) =>
    call.action === 'GetConfiguration'
      ? { configurationKey: [null, 7, { key: 'NumberOfConnectors', value: '2' }] }
      : answer(call);
  chargers.connect(charger);
  await turnOver();
  assert.deepEqual(
    charger.profiles.map(({ purpose, limitKw }) => [purpose, limitKw]),
    [['TxDefaultProfile', 8.5]],
  );
  assert.equal(driver.counters().lastRefusal, null);
});

test('each charger gets its share of the safe default as a default profile that outlasts the gateway', async () => {
  const { all, run, total } = await four();
  for (const charger of all) {
    const [profile] = charger.profiles;
    assert.equal(profile?.purpose, 'TxDefaultProfile');
    near(profile?.limitKw, 4.25, charger.options.id, 0.07);
    assert.equal(profile?.until, undefined, 'it never expires');
    await charger.plug(1, 22);
  }
  await run(60, 60);
  near(total(), 60, 'under the gateway');
  // The gateway sends nothing more, and the profiles end by themselves.
  for (let at = 0; at < 300; at++) await run(1);
  near(total(), 17, 'without it', 0.1);
});

test('sessions share the limit, take over unused power and make room for a new one', async () => {
  const { all, run, total, value } = await four();
  await all[0]!.plug(1, 22);
  await all[2]!.plug(1, 22);
  await run(40, 30);
  near(all[0]!.kw, 15, 'half');
  near(all[2]!.kw, 15, 'half');
  all[0]!.wants(1, 5);
  await run(180, 30);
  near(all[2]!.kw, 22, 'the other one gets what is left', 3);
  assert.ok(total() <= 30.01);
  await all[3]!.plug(1, 22);
  all[0]!.wants(1, 22);
  await run(150, 30);
  for (const at of [0, 2, 3]) near(all[at]!.kw, 10, all[at]!.options.id, 0.6);
  near(value('activePowerKw'), total(), 'measured', 0.5);
  assert.equal(value('sessions'), 3);
  assert.equal(value('activePowerLimitKw'), 30, 'the limit is kept');
  await all[3]!.unplug(1);
  await run(70, 30);
  assert.equal(value('sessions'), 2);
  near(all[0]!.kw, 15, 'again half');
});

test('when the limit is too low for all minimums, sessions take turns within the limit', async () => {
  const { all, run, total } = await four();
  for (const charger of all) await charger.plug(1, 22);
  await run(10, 9);
  const had = new Set<string>();
  let most = 0;
  for (let minute = 0; minute < 60; minute++) {
    await run(60, 9);
    most = Math.max(most, total());
    for (const charger of all) if (charger.kw > 0) had.add(charger.options.id);
  }
  assert.equal(had.size, 4);
  assert.ok(most <= 9.01, `${most} kW`);
});

test('a full car leaves its turn to those who charge', async () => {
  const { all, run } = await four();
  for (const charger of all.slice(0, 3)) await charger.plug(1, 22);
  all[0]!.wants(1, 0);
  let [kw, minutes] = [0, 0];
  await run(120, 9);
  for (; minutes < 120; minutes++) {
    await run(60, 9);
    kw += all[1]!.kw + all[2]!.kw;
  }
  assert.ok(kw / minutes > 7, `the others get ${(kw / minutes).toFixed(1)} of 9 kW`);
});

test('a session that must not pause keeps its minimum while the others take turns, and says so', async () => {
  const { all, run, driver } = await four({ uninterrupted: ['cp-01', 'cp-03'] });
  await all[0]!.plug(1, 22);
  await run(60, 30);
  for (const charger of all.slice(1)) await charger.plug(1, 22);
  all[2]!.wants(1, 0);
  let least = Infinity;
  const turns = new Set<string>();
  for (let minute = 0; minute < 60; minute++) {
    await run(60, 13.5);
    least = Math.min(least, all[0]!.kw);
    for (const charger of all) if (charger.kw > 0) turns.add(charger.options.id);
  }
  assert.ok(least >= 4.1, `it fell to ${least} kW`);
  assert.deepEqual([...turns].sort(), ['cp-01', 'cp-02', 'cp-04'], 'the others have their turns');
  assert.deepEqual(
    driver.sessions()!.map(({ id, uninterrupted, charging }) => [id, uninterrupted, charging]),
    [
      ['cp-01/1', true, true],
      ['cp-02/1', undefined, undefined],
      ['cp-03/1', true, false],
      ['cp-04/1', undefined, undefined],
    ],
  );
  await run(60, 3);
  assert.equal(all[0]!.kw, 0, 'limits come first');
});

test('a charger that refuses, misreports, is mute or is gone counts at its allowance; others compensate', async () => {
  const { all, run, total, value, driver, chargers } = await four();
  for (const charger of all) await charger.plug(1, 22);
  await run(30, 60);
  all[0]!.fate = 'refuses';
  await run(400, 30);
  near(all[0]!.kw, 4.25, 'it stands on its default', 0.1);
  near(total(), 30, 'refusing', 0.6);
  assert.match(driver.counters().lastRefusal ?? '', /cp-01 rejects the limit of its session: it answers Rejected/);
  all[0]!.fate = 'well';
  await run(120, 30);
  near(all[0]!.kw, 7.5, 'it is back', 0.3);
  all[1]!.fate = 'lies';
  await run(150, 30);
  near(all[1]!.kw, 22, 'it draws what it likes');
  assert.ok(value('activePowerLimitKw')! > 29, 'the alarm shows it');
  assert.ok(total() - all[1]!.kw <= 9, `${total()} kW with a liar`);
  all[1]!.fate = 'well';
  await run(120, 30);
  near(total(), 30, 'well again', 0.6);
  chargers.disconnect(all[3]!);
  await run(1, 30);
  near(value('activePowerKw'), total(), 'it counts at the profile that it holds', 0.5);
  assert.equal(driver.read().get('activePowerKw')?.origin, 'estimated');
  await run(180, 30);
  near(value('activePowerKw'), total() - all[3]!.kw + 4.25, 'then at its default', 0.5);
  await run(220, 30);
  near(total(), 30, 'the one that is away charges on its default', 0.6);
  chargers.connect(all[3]!);
  await run(120, 30);
  near(all[3]!.kw, 7.5, 'back in the round', 0.3);
});

test("a session that began before the gateway started is limited too, and the car's needs are read", async () => {
  const { chargers, driver, make, value, clock } = siteOf({ ids: ['a', 'b'], ratedKw: 88 });
  const [old, modern] = [make('a', 'ocpp1.6'), make('b', 'ocpp2.0.1')] as const;
  for (const charger of [old, modern]) chargers.connect(charger);
  await turnOver();
  chargers.says(old, 'StatusNotification', { connectorId: 1, errorCode: 'NoError', status: 'Charging' });
  chargers.says(modern, 'TransactionEvent', { ...started, eventType: 'Updated' });
  const departure = new Date(START + 7_200_000).toISOString();
  const acChargingParameters = { energyAmount: 20_000, evMinCurrent: 6, evMaxCurrent: 32, evMaxVoltage: 400 };
  const chargingNeeds = { requestedEnergyTransfer: 'AC_three_phase', departureTime: departure, acChargingParameters };
  assert.ok(chargers.says(modern, 'NotifyEVChargingNeeds', { evseId: 1, chargingNeeds }));
  await driver.hold({ activePowerLimitKw: 20 }, false);
  await turnOver();
  assert.deepEqual(chargers.limits, [
    { charger: 'a', kw: 10 },
    { charger: 'b', kw: 10 },
  ]);
  assert.deepEqual([value('sessions'), value('energyDueKwh'), value('deadlineMs')], [2, 20, START + 7_200_000]);
  assert.deepEqual(driver.sessions(), [
    { id: 'a/1', maxKw: 88, minKw: 4.2 },
    { id: 'b/1', energyDueKwh: 20, departure: START + 7_200_000, maxKw: 88, minKw: 4.2 },
  ]);
  assert.equal(driver.read().get('activePowerKw')?.origin, 'estimated', 'no meter value yet');
  assert.equal(value('activePowerKw'), 20);
  await clock.advance(1000);
});

test("two connectors share their charger's default; unsupported messages are refused and counted", async () => {
  const { chargers, driver, make } = siteOf({ ids: ['a'], safeKw: 17 });
  const charger = make('a', 'ocpp2.0.1', { connectors: 2 });
  chargers.connect(charger);
  await turnOver();
  near(charger.profiles[0]?.limitKw, 17, 'as one it has it all', 0.01);
  await charger.boot();
  await driver.hold({}, false);
  await turnOver();
  near(charger.profiles[0]?.limitKw, 8.5, 'as two each half', 0.01);
  const before = driver.counters().refused;
  for (const [action, payload] of [
    ['Nonsense', {}],
    ['TransactionEvent', { eventType: 'Started' }],
    ['StatusNotification', null],
    ['MeterValues', { evseId: 1, meterValue: [{ timestamp: 'yesterday', sampledValue: [{ value: 'x' }] }] }],
  ] as const)
    assert.equal(chargers.says(charger, action, payload), false);
  assert.equal(driver.counters().refused - before, 4);
});

test('meter values of phases are summed, and currents replace a missing power', () => {
  const phases = ['L1', 'L2', 'L3'].map((phase, at) => ({
    measurand: 'Power.Active.Import',
    phase,
    value: 1000 * (at + 1),
  }));
  assert.equal(readingOf(phases, 230).kw, 6);
  const currents = [
    { measurand: 'Current.Import', phase: 'L1', value: 16 },
    { measurand: 'Current.Import', phase: 'L2', value: 0 },
    { measurand: 'Current.Import', phase: 'L3', value: 0 },
    { measurand: 'Voltage', phase: 'L1-N', value: 225 },
  ];
  assert.deepEqual(readingOf(currents, 230), { kw: 3.6, energyKwh: undefined, phases: 1, volts: 225 });
  assert.deepEqual(readingOf([{ value: 1500 }], 230), {
    kw: undefined,
    energyKwh: 1.5,
    phases: undefined,
    volts: undefined,
  });
  const one = { measurand: 'Current.Import', phase: 'L1', value: 16 };
  const power = (value: number) => ({ measurand: 'Power.Active.Import', value });
  assert.equal(readingOf([one, power(3700)], 230).phases, 1);
  assert.equal(readingOf([one, power(11_000)], 230).phases, undefined, 'it does not report the other two');
  const both = [
    { measurand: 'Power.Active.Import', value: 0, unit: 'kW' },
    { measurand: 'Power.Active.Export', value: 7.4, unit: 'kW' },
  ];
  assert.equal(readingOf(both, 230).kw, -7.4);
});

test('two sessions within a second have different ids, even once seconds exceed 31 bits', async () => {
  for (const year of [2021, 2040]) {
    const { chargers, make } = siteOf({ clock: new VirtualClock(Date.UTC(year, 0, 1)), ids: ['cp-01', 'cp-02'] });
    const ids = ['cp-01', 'cp-02'].map((id) => {
      const charger = make(id, 'ocpp1.6');
      chargers.connect(charger);
      return (unwrap(chargers.asks(charger, 'StartTransaction', start)) as { transactionId: number }).transactionId;
    });
    assert.notEqual(ids[0], ids[1]);
    assert.ok(ids.every((id) => id > 0 && id < 2 ** 31));
  }
});
