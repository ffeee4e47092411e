import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { VirtualClock } from '../../../shared/time/virtual-clock.ts';
import { SunspecRegisters } from '../../../simulators/faces/sunspec-registers.ts';
import { answerTo } from '../../../simulators/faces/modbus-unit.ts';
import type { Setpoint, SetpointKey } from '../../control/setpoint.ts';
import { FieldLines } from '../modbus/field-lines.ts';
import { readAnswer, readRequest } from '../modbus/pdu.ts';
import type { ReadBlock } from '../modbus/profile.ts';
import { MemoryDevice } from '../modbus/testing/memory-device.ts';
import type { Sign } from '../sign.ts';
import { createDriver } from '../table.ts';
import { TIMING } from '../testing/conformance.ts';
import { MemoryLink } from '../testing/memory-link.ts';
import { TopicBus } from '../topic-bus.ts';
import { scanSunspec } from './scan.ts';

const turnOver = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

interface Given {
  readonly registers: SunspecRegisters;
  readonly keys?: readonly SetpointKey[];
  readonly sign?: Sign;
  readonly safeDefault?: Setpoint;
  readonly models?: 'auto' | number[];
  readonly clock?: VirtualClock;
}

/** A driver that has scanned and read its device once. */
async function running({ registers, keys = [], sign, safeDefault = {}, models = 'auto', clock }: Given) {
  const time = clock ?? new VirtualClock(0);
  const device = new MemoryDevice(registers);
  const lines = new FieldLines(device.openWire, time);
  const span = { min: -1e4, max: 1e4 };
  const driver = createDriver(
    {
      id: 'device-1',
      driver: 'sunspec',
      sign,
      ratedKw: 100,
      spans: { activePowerKw: span, activePowerLimitKw: span, reactivePowerKvar: span },
      safeDefault,
      connection: {
        host: 'device',
        port: 502,
        framing: 'tcp',
        unitId: 1,
        pollMs: 1000,
        timeoutMs: 500,
        silentAtNight: false,
        nominalV: 230,
      },
      models,
      write: Object.fromEntries(keys.map((key) => [key, { ...TIMING, revertAfterS: 60 }])),
    },
    { lines, clock: time, bus: new TopicBus(new MemoryLink(), 'gateway') },
  );
  driver.permit?.(true);
  lines.open();
  await turnOver();
  const next = async (): Promise<void> => {
    await time.advance(1000);
    await turnOver();
  };
  const hold = async (setpoint: Setpoint): Promise<void> => {
    await driver.hold(setpoint, true);
    await turnOver();
  };
  const values = (): Record<string, number> =>
    Object.fromEntries([...driver.read()].map(([metric, { value }]) => [metric, Math.round(value * 1e4) / 1e4]));
  return { driver, device, values, next, hold };
}

function inverter(onWrite: (points: ReadonlySet<string>) => void = () => undefined): SunspecRegisters {
  const writable = [
    'WMaxLimPct',
    'WMaxLimPct_RvrtTms',
    'WMaxLim_Ena',
    'VArMaxPct',
    'VArPct_RvrtTms',
    'VArPct_Mod',
    'VArPct_Ena',
  ];
  const device = new SunspecRegisters(
    [1, 103, 120, 123],
    writable.map((point) => `123.${point}`),
    onWrite,
  );
  device.text('1.Mn', 'Fronius');
  device.text('1.Md', 'Tauro 50');
  device.text('1.Vr', '1.2.3');
  device.text('1.SN', '0815');
  const raw: Record<string, number> = {
    '103.W': 1432,
    '103.W_SF': 2,
    '103.VAr': -50,
    '103.VAr_SF': 2,
    '103.PhVphA': 2300,
    '103.PhVphB': 2346,
    '103.PhVphC': 2231,
    '103.V_SF': -1,
    '103.AphA': 2071,
    '103.AphB': 2102,
    '103.A_SF': -1,
    '120.WRtg': 250,
    '120.WRtg_SF': 3,
    '120.VArRtgQ1': 110,
    '120.VArRtg_SF': 3,
    '123.WMaxLimPct': 1000,
    '123.WMaxLimPct_RvrtTms': 0,
    '123.WMaxLim_Ena': 0,
    '123.WMaxLimPct_SF': -1,
    '123.OutPFSet': 100,
    '123.OutPFSet_Ena': 0,
    '123.OutPFSet_SF': -2,
    '123.VArWMaxPct': 0,
    '123.VArMaxPct': 0,
    '123.VArPct_RvrtTms': 0,
    '123.VArPct_Mod': 0,
    '123.VArPct_Ena': 0,
    '123.VArPct_SF': -1,
  };
  for (const [point, value] of Object.entries(raw)) device.set(point, value);
  return device;
}

test("models 103, 120 and 123 apply scale factors, worst phase, missing points and the standard's sign", async () => {
  const { values } = await running({ registers: inverter(), keys: ['activePowerLimitKw'] });
  assert.deepEqual(values(), {
    activePowerKw: -143.2,
    reactivePowerKvar: 5,
    voltagePu: 0.97,
    currentA: 210.2,
    activePowerLimitKw: 250,
    availableKw: 143.2,
  });
  const turned = await running({ registers: inverter(), sign: 'consumption-positive' });
  assert.equal(turned.values()['activePowerKw'], 143.2);
});

test('a model 123 limit is rounded towards zero, set after its reversion timer, and read back', async () => {
  const registers = inverter();
  const { device, hold, next, values } = await running({
    registers,
    keys: ['activePowerLimitKw', 'reactivePowerKvar'],
  });
  await hold({ activePowerLimitKw: 100.19 });
  assert.deepEqual(
    ['WMaxLimPct', 'WMaxLimPct_RvrtTms', 'WMaxLim_Ena'].map((point) => registers.get(`123.${point}`)),
    [400, 60, 1],
  );
  // 40155: two registers for the mark, then models 1, 103 and 120 with their headers, then the sixth register of model 123.
  const writes = device.frames.filter((frame) => /^> .{12}..10/.test(frame)).map((frame) => frame.slice(16));
  assert.deepEqual(writes, ['109cdb0001020190', '109cdd000102003c', '109cdf0001020001']);
  await next();
  assert.equal(values()['activePowerLimitKw'], 100);
  registers.set('103.W', 990);
  await next();
  assert.equal(values()['availableKw'], 143.2, 'unknown at its limit');
  registers.set('103.W', 600);
  await next();
  assert.equal(values()['availableKw'], 60);
  // Absorption is positive for Loadstone and negative for the device.
  await hold({ activePowerLimitKw: 100.19, reactivePowerKvar: 55 });
  assert.deepEqual(
    ['VArMaxPct', 'VArPct_RvrtTms', 'VArPct_Mod', 'VArPct_Ena'].map((point) => registers.get(`123.${point}`)),
    [-500, 60, 2, 1],
  );
});

test('model 123 reads back reactive power with its base, its switch and an overriding power factor', async () => {
  const registers = inverter();
  const { hold, next, values } = await running({ registers, keys: ['reactivePowerKvar'] });
  const read = async (points: Readonly<Record<string, number>>): Promise<number | undefined> => {
    for (const [point, value] of Object.entries(points)) registers.set(`123.${point}`, value);
    await next();
    return values()['reactivePowerSetpointKvar'];
  };
  assert.equal(values()['reactivePowerSetpointKvar'], 0, 'off');
  await hold({ reactivePowerKvar: 55 });
  await next();
  assert.equal(values()['reactivePowerSetpointKvar'], 55, '-50 % of 110 kvar that are fed in');
  assert.equal(await read({ VArPct_Mod: 1, VArWMaxPct: 200 }), -50, '20 % of 250 kW');
  assert.equal(await read({ VArPct_Mod: 2, VArMaxPct: -250 }), 27.5, 'halved elsewhere');
  assert.equal(await read({ VArPct_Ena: 0 }), 0, 'switched off by its reversion timer');
  // 143.2 kW at 0.8 are 107.4 kvar, which this inverter absorbs.
  assert.equal(await read({ VArPct_Ena: 1, OutPFSet: -80, OutPFSet_Ena: 1 }), 107.4);
  assert.equal(await read({ OutPFSet: 100 }), 0);
  assert.equal(await read({ OutPFSet_Ena: 0 }), 27.5);
});

test('an inverter without reactive power control reads none back', async () => {
  const registers = inverter();
  for (const point of ['OutPFSet_Ena', 'VArPct_Ena']) registers.set(`123.${point}`, 0xffff);
  const { values } = await running({ registers, keys: ['reactivePowerKvar'] });
  assert.equal(values()['reactivePowerSetpointKvar'], undefined);
});

const storageWritable = ['StorCtl_Mod', 'OutWRte', 'InWRte', 'InOutWRte_RvrtTms'];

test('a model 124 battery gets charge and discharge rates that meet at the commanded power', async () => {
  const registers = new SunspecRegisters(
    [1, 103, 124],
    storageWritable.map((point) => `124.${point}`),
    () => undefined,
  );
  for (const [point, value] of Object.entries({
    '103.W': -500,
    '103.W_SF': 1,
    '124.WChaMax': 1000,
    '124.WChaMax_SF': 2,
    '124.ChaState': 543,
    '124.ChaState_SF': -1,
    '124.StorCtl_Mod': 0,
    '124.OutWRte': 0,
    '124.InWRte': 0,
    '124.InOutWRte_SF': -2,
    '124.InOutWRte_RvrtTms': 0,
  }))
    registers.set(point, value);
  const { hold, next, values } = await running({ registers, keys: ['activePowerKw'] });
  assert.deepEqual(values(), { activePowerKw: 5, socPct: 54.3 });
  const written = () => storageWritable.map((point) => registers.get(`124.${point}`));
  await hold({ activePowerKw: 40 });
  assert.deepEqual(written(), [3, -4000, 4000, 60], 'charges with 40 kW of 100');
  await next();
  await hold({ activePowerKw: -25 });
  assert.deepEqual(written(), [3, 2500, -2500, 60], 'discharges with 25 kW');
  await next();
  assert.equal(values()['activePowerSetpointKw'], -25);
});

const modernPoints = ['WSetEna', 'WSetMod', 'WSet', 'WSetRvrt', 'WSetEnaRvrt', 'WSetRvrtTms'];
const limitPoints = ['WMaxLimPctEna', 'WMaxLimPct', 'WMaxLimPctRvrt', 'WMaxLimPctEnaRvrt', 'WMaxLimPctRvrtTms'];
const varPoints = ['VarSetEna', 'VarSetMod', 'VarSet', 'VarSetRvrt', 'VarSetEnaRvrt', 'VarSetRvrtTms'];

function der(local = 0, writable = ['715.ControllerHb']): SunspecRegisters {
  const points = [...modernPoints, ...limitPoints, ...varPoints].map((point) => `704.${point}`);
  const registers = new SunspecRegisters([1, 701, 702, 704, 713, 715], [...points, ...writable], () => undefined);
  for (const point of points) registers.set(point, 0);
  for (const [point, value] of Object.entries({
    '701.W': -300,
    '701.W_SF': 2,
    '701.Var': 40,
    '701.Var_SF': 2,
    '701.VL1': 23_000,
    '701.V_SF': -2,
    '702.WMax': 100,
    '702.WMaxRtg': 110,
    '702.W_SF': 3,
    '704.WSet_SF': 1,
    '704.VarSet_SF': 1,
    '704.WMaxLimPct_SF': -2,
    '713.SoC': 62,
    '713.Pct_SF': 0,
    '715.LocRemCtl': local,
    '715.ControllerHb': 0,
  }))
    registers.set(point, value);
  return registers;
}

test('models 701 to 715 get setpoint, limit and reactive power with reversion, and a heartbeat', async () => {
  const registers = der();
  const { driver, device, hold, next, values } = await running({
    registers,
    keys: ['activePowerKw', 'activePowerLimitKw', 'reactivePowerKvar'],
    safeDefault: { activePowerKw: 5, activePowerLimitKw: 40, reactivePowerKvar: 0 },
  });
  assert.deepEqual(values(), {
    activePowerKw: 30,
    reactivePowerKvar: -4,
    voltagePu: 1,
    socPct: 62,
    activePowerLimitKw: 100,
    reactivePowerSetpointKvar: 0,
  });
  const counts = device.frames.filter((frame) => frame.startsWith('>')).map((frame) => Number(`0x${frame.slice(-4)}`));
  assert.ok(counts.length > 4 && Math.max(...counts) <= 120, `some devices stop at 120 registers: ${counts.join()}`);
  assert.ok(Math.abs(driver.stepKw!() - 0.01) < 1e-9, '0.01 % of 100 kW');
  await hold({ activePowerKw: -80, activePowerLimitKw: 33.337, reactivePowerKvar: -12 });
  assert.deepEqual(
    modernPoints.map((point) => registers.get(`704.${point}`)),
    [1, 1, 8000, -500, 1, 60],
  );
  assert.deepEqual(
    limitPoints.map((point) => registers.get(`704.${point}`)),
    [1, 3333, 4000, 1, 60],
  );
  assert.deepEqual(
    varPoints.map((point) => registers.get(`704.${point}`)),
    [1, 4, 1200, 0, 1, 60],
  );
  await next();
  await next();
  assert.equal(registers.get('715.ControllerHb'), 3);
  assert.equal(values()['activePowerSetpointKw'], -80);
  assert.equal(values()['reactivePowerSetpointKvar'], -12);
});

test('a device in local control, or without a reversion timer, is not written to', async () => {
  const local = await running({ registers: der(1), keys: ['activePowerKw'] });
  await local.hold({ activePowerKw: 10 });
  assert.deepEqual(
    [local.driver.counters().sent, local.driver.counters().lastRefusal],
    [0, 'the device is switched to local control; switch it to remote control at the device'],
  );
  const registers = inverter();
  registers.set('123.WMaxLimPct_RvrtTms', 0xffff);
  const without = await running({ registers, keys: ['activePowerLimitKw'] });
  await without.hold({ activePowerLimitKw: 10 });
  assert.match(without.driver.counters().lastRefusal ?? '', /model 123 of the device lacks activePowerLimitKw/);
  assert.equal(registers.get('123.WMaxLim_Ena'), 0);
});

test('model 715: no heartbeat goes to a device in local control or without that point, and one that rejects it stays up', async () => {
  const registers = der(1);
  const { device, next, values } = await running({ registers, keys: ['activePowerKw'] });
  await next();
  assert.equal(registers.get('715.ControllerHb'), 0);
  registers.set('715.LocRemCtl', 0);
  await next();
  assert.equal(registers.get('715.ControllerHb'), 1, 'it resumes in remote control');
  registers.set('715.ControllerHb', 0xffff_ffff);
  await next();
  assert.equal(registers.get('715.ControllerHb'), 0xffff_ffff, 'the device has no such point');
  assert.equal(device.opened, 1);
  const rejecting = der(0, []);
  const still = await running({ registers: rejecting, keys: ['activePowerKw'] });
  assert.match(still.driver.counters().lastRefusal ?? '', /^heartbeat: register \d+: exception/);
  rejecting.set('701.W', -200);
  await still.next();
  assert.deepEqual([values()['activePowerKw'], still.values()['activePowerKw']], [30, 20]);
  await still.hold({ activePowerKw: -10 });
  assert.equal(still.driver.counters().sent, 1);
});

test('model 715: values of a device whose heartbeat stands still are not taken; one that never counted is believed', async () => {
  for (const counts of [true, false]) {
    const registers = der();
    registers.set('715.DERHb', 7);
    const { driver, next, values } = await running({ registers });
    if (counts) registers.set('715.DERHb', 8);
    await next();
    for (let second = 0; second < 30; second++) await next();
    registers.set('701.W', -200);
    await next();
    assert.equal(values()['activePowerKw'], counts ? 30 : 20);
    if (!counts) continue;
    assert.match(driver.counters().lastRefusal ?? '', /^its heartbeat \(model 715, DERHb\) has stood still for 3\d s/);
    registers.set('715.DERHb', 0);
    await next();
    assert.equal(values()['activePowerKw'], 20);
  }
});

test('a model 213 meter counts import as positive; excluded models are not used', async () => {
  const registers = new SunspecRegisters([1, 103, 213], [], () => undefined);
  registers.set('213.W', 412_500);
  registers.set('213.VAR', -7000);
  registers.set('213.PhVphB', 241.5);
  registers.set('103.W', 7);
  registers.set('103.W_SF', 3);
  const meter = await running({ registers, models: [213] });
  assert.deepEqual(meter.values(), { activePowerKw: 412.5, reactivePowerKvar: -7, voltagePu: 1.05 });
  const none = await running({ registers, models: [124] });
  assert.match(none.driver.counters().lastRefusal ?? '', /none of its models measures power; it has 1, 103, 213/);
});

const readerOf =
  (registers: { read(address: number): number | undefined }): ReadBlock =>
  async ({ table, address, count }) => {
    const pdu = readRequest(table, address, count);
    return readAnswer(pdu, answerTo(pdu, { read: (at) => registers.read(at), write: () => 1 }));
  };

test('a scan finds the map at each standard address and reads the maker', async () => {
  for (const base of [0, 40_000, 50_000]) {
    const device = new SunspecRegisters([1, 103, 704], [], () => undefined, base);
    device.text('1.Mn', 'SMA');
    device.text('1.SN', '1901234567');
    const found = await scanSunspec(readerOf(device));
    assert.ok(found.ok);
    const { maker, serial, models } = found.value;
    assert.deepEqual([maker, serial, models.map(({ id }) => id)], ['SMA', '1901234567', [1, 103, 704]]);
    assert.equal(models[1]?.address, base + 70);
  }
});

test('a scan through a Modbus gateway says that the unit does not answer, after one request', async () => {
  for (const code of [10, 11]) {
    let requests = 0;
    const scanned = await scanSunspec(async ({ table, address, count }) => {
      requests++;
      return readAnswer(readRequest(table, address, count), Uint8Array.of(0x83, code));
    });
    assert.equal(requests, 1);
    assert.match(
      scanned.ok ? '' : `${scanned.fault.code} ${scanned.fault.detail}`,
      /^LS-DEVICE-001 register 40000: exception 1[01], .*gateway/,
    );
  }
});

test('property: a scan terminates, whatever the registers contain', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 0xffff })), {
        minLength: 2,
        maxLength: 300,
      }),
      async (words) => {
        const read = (at: number): number | undefined =>
          at < 40_000 ? undefined : [0x5375, 0x6e53, ...words][(at - 40_000) % (words.length + 2)];
        const found = await scanSunspec(readerOf({ read }));
        assert.ok(found.ok || found.fault.code.startsWith('LS-DEVICE'));
      },
    ),
  );
  const nothing = await scanSunspec(readerOf({ read: () => 0 }));
  assert.match(nothing.ok ? '' : nothing.fault.detail, /no SunSpec map at 40000, 0, 50000/);
});

test('a rating of zero counts as absent: the nameplate applies, and without one no limit is written', async () => {
  const registers = inverter();
  registers.set('120.WRtg', 0);
  const clock = new VirtualClock(0);
  const asleep = await running({ registers, keys: ['activePowerLimitKw', 'reactivePowerKvar'], clock });
  await asleep.hold({ activePowerLimitKw: 100, reactivePowerKvar: 20 });
  assert.deepEqual([registers.get('123.WMaxLim_Ena'), asleep.values()['activePowerLimitKw']], [0, undefined]);
  assert.match(asleep.driver.counters().lastRefusal ?? '', /no model of the device accepts activePowerLimitKw/);
  registers.set('120.WRtg', 250);
  for (let at = 0; at < 61; at++) await asleep.next();
  await asleep.hold({ activePowerLimitKw: 100 });
  assert.deepEqual([registers.get('123.WMaxLimPct'), registers.get('123.WMaxLim_Ena')], [400, 1], 'once it is awake');
  const modern = der();
  modern.set('702.WMax', 0);
  const { hold } = await running({ registers: modern, keys: ['activePowerLimitKw'] });
  await hold({ activePowerLimitKw: 55 });
  assert.equal(modern.get('704.WMaxLimPct'), 5000, 'half of WMaxRtg');
});
