import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../../../shared/time/virtual-clock.ts';
import type { Static } from 'typebox';
import { Default } from 'typebox/value';
import { RegisterRead, RegisterWrites } from './schema.ts';
import type { Metric } from '../../../shared/contracts/frame.ts';
import type { Driver } from '../driver.ts';
import type { Sign } from '../sign.ts';
import { createDriver } from '../table.ts';
import { driverConformance, RATED_KW, SPANS, TIMING } from '../testing/conformance.ts';
import { MemoryLink } from '../testing/memory-link.ts';
import { TopicBus } from '../topic-bus.ts';
import { FieldLines } from './field-lines.ts';
import { ModbusDriver } from './modbus-driver.ts';
import { decode, encode } from './registers.ts';
import { MemoryDevice } from './testing/memory-device.ts';

const turnOver = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

interface Given {
  readonly clock: VirtualClock;
  readonly device: MemoryDevice;
  readonly sign?: Sign;
  readonly read: object;
  readonly write?: object;
  readonly unitId?: number;
  readonly pollMs?: number;
  readonly timeoutMs?: number;
  readonly lines?: FieldLines;
}

function modbusDriver({
  clock,
  device,
  sign = 'consumption-positive',
  read,
  write,
  unitId = 1,
  pollMs = 1000,
  timeoutMs = 500,
  lines,
}: Given): {
  driver: Driver;
  lines: FieldLines;
} {
  const own = lines ?? new FieldLines(device.openWire, clock);
  const driver = createDriver(
    {
      id: 'device-1',
      driver: 'modbus',
      sign,
      ratedKw: RATED_KW,
      spans: SPANS,
      safeDefault: {},
      connection: {
        host: 'device',
        port: 502,
        framing: 'tcp',
        unitId,
        pollMs,
        timeoutMs,
        silentAtNight: false,
        gap: 0,
      },
      read: Default(RegisterRead, read) as Static<typeof RegisterRead>,
      write: Default(RegisterWrites, write ?? {}) as Static<typeof RegisterWrites>,
    },
    { lines: own, clock, bus: new TopicBus(new MemoryLink(), 'gateway') },
  );
  return { driver, lines: own };
}

const registers: Partial<Record<Metric, number>> = { activePowerKw: 0, reactivePowerKvar: 2, activePowerLimitKw: 4 };
const signal = (register: number) => ({ register, type: 'float32', scale: 0.001 });

driverConformance(
  'modbus',
  async (clock, sign) => {
    const device = new MemoryDevice();
    for (const register of Object.values(registers)) device.put(register, ...encode('float32', -1)!);
    device.put(100, 0, 0, 0);
    const { driver, lines } = modbusDriver({
      clock,
      device,
      sign,
      // Polls continuously, so that a reported value is read at the same moment.
      pollMs: 0,
      read: Object.fromEntries(
        Object.entries(registers).map(([metric, at]) => [metric, { ...signal(at), absent: -1 }]),
      ),
      write: {
        activePowerKw: {
          register: 101,
          type: 'int32',
          scale: 1000,
          revert: { register: 100, type: 'uint16' },
          ...TIMING,
          revertAfterS: 60,
        },
      },
    });
    lines.open();
    await turnOver();
    return {
      driver,
      report: async (metric, raw) => {
        device.put(registers[metric]!, ...encode('float32', (raw as number) * 1000)!);
        await turnOver();
        await clock.advance(0);
        await turnOver();
      },
      settle: turnOver,
      commands: () =>
        device.written
          .filter(({ address }) => address === 101)
          .map(({ words }) => ({ key: 'activePowerKw' as const, value: decode('int32', words) / 1000 })),
    };
  },
  { tellsTime: false, impossible: [1e30, -1e9] },
);

const table = {
  read: { activePowerKw: { register: 0 } },
};

test('a dead unit is polled ever more rarely, does not slow its line, and resumes when it answers', async () => {
  const clock = new VirtualClock(0);
  const device = new MemoryDevice();
  device.put(0, 7);
  const lines = new FieldLines(device.openWire, clock);
  const alive = modbusDriver({ ...table, clock, device, lines }).driver;
  const dead = modbusDriver({ ...table, clock, device, lines, unitId: 2 }).driver;
  const asked = (unit: number): number =>
    device.frames.filter((frame) => frame.startsWith('>') && Number.parseInt(frame.slice(14, 16), 16) === unit).length;
  device.silentUnits.add(2);
  lines.open();
  await until(clock, 240_000);
  assert.equal(alive.read().get('activePowerKw')?.value, 7);
  assert.equal(dead.read().size, 0);
  assert.ok(asked(1) > 200, `${asked(1)} polls of the live unit`);
  assert.ok(asked(2) >= 5 && asked(2) <= 12, `${asked(2)} polls of the dead one`);
  assert.match(dead.counters().lastRefusal ?? '', /unit 2 did not answer/);
  device.silentUnits.clear();
  await until(clock, 62_000);
  assert.equal(dead.read().get('activePowerKw')?.value, 7);
  await lines.close();
  const frames = device.frames.length;
  await until(clock, 5000);
  assert.equal(device.frames.length, frames, 'no polls after close');
});

test('thirty dead units that delay each other on a slow line do not count as stalled', async () => {
  const clock = new VirtualClock(0);
  const device = new MemoryDevice();
  device.mode = 'silent';
  const lines = new FieldLines(device.openWire, clock);
  const drivers = Array.from({ length: 30 }, (_, n) => {
    const unit = { clock, device, lines, unitId: n + 1, timeoutMs: 6000 };
    return modbusDriver({ ...unit, read: { activePowerKw: signal(0) } }).driver;
  });
  lines.open();
  let longestMs = 0;
  for (let s = 0; s < 400; s++) {
    await clock.advance(1000);
    await turnOver();
    longestMs = Math.max(longestMs, ...drivers.map((driver) => driver.overdueMs!()));
  }
  assert.ok(longestMs <= 6000, `${longestMs} ms without progress`);
  await lines.close();
});

test('a limit in whole registers is rounded so that the device does not pass it', async () => {
  for (const [kw, scale, words] of [
    [33.7, 1, [33]],
    [33.7, -1, [0xffff & -33]],
    [0.29, 100, [29]],
    [99.99, 0.4, [39]],
  ] as const) {
    const clock = new VirtualClock(0);
    const device = new MemoryDevice();
    device.put(0, 7);
    device.put(10, 0);
    const write = { activePowerLimitKw: { register: 10, scale, ...TIMING, revertAfterS: 60 } };
    const { driver, lines } = modbusDriver({ ...table, clock, device, write });
    lines.open();
    await turnOver();
    await driver.hold({ activePowerLimitKw: kw }, false);
    await turnOver();
    assert.deepEqual(device.written, [{ address: 10, words }], `${kw} kW at a scale of ${scale}`);
    assert.equal(driver.stepKw?.(), 1 / Math.abs(scale));
  }
});

test('a reversion time below one unit of its register does not become 0', async () => {
  const clock = new VirtualClock(0);
  const device = new MemoryDevice();
  device.put(0, 7);
  device.put(10, 0, 0);
  const minutes = { register: 11, type: 'uint16', scale: 1 / 60 };
  const write = { activePowerKw: { register: 10, revert: minutes, ...TIMING, revertAfterS: 20 } };
  const { driver, lines } = modbusDriver({ ...table, clock, device, write });
  lines.open();
  await turnOver();
  await driver.hold({ activePowerKw: 5 }, false);
  await turnOver();
  assert.deepEqual(device.written[0], { address: 11, words: [1] });
});

test('a setpoint is written as timer, value, switch; only the newest; again when the device returns', async () => {
  const clock = new VirtualClock(0);
  const device = new MemoryDevice();
  device.put(0, 7);
  device.put(10, 0, 0, 0);
  const write = {
    activePowerKw: {
      register: 10,
      scale: 100,
      single: true,
      revert: { register: 11, type: 'uint16', scale: 10 },
      enable: { register: 12, value: 2 },
      ...TIMING,
      minIntervalS: 0,
      revertAfterS: 60,
    },
  };
  const { driver, lines } = modbusDriver({ ...table, clock, device, write });
  await driver.hold({ activePowerKw: 5 }, false);
  assert.deepEqual(device.written, [], 'nothing to a device that has not answered');
  lines.open();
  await turnOver();
  await driver.hold({ activePowerKw: 5 }, false);
  await driver.hold({ activePowerKw: -20 }, false);
  await driver.hold({ activePowerKw: -30 }, false);
  await turnOver();
  const order = [600, 500, 2, 600, 62_536, 2];
  assert.deepEqual(
    device.written.map(({ words }) => words[0]),
    order,
    'the superseded one is skipped',
  );
  device.mode = 'silent';
  await until(clock, 3000);
  await driver.hold({ activePowerKw: -30 }, false);
  device.mode = 'answers';
  await until(clock, 3000);
  assert.equal(device.written.length, order.length);
  await driver.hold({ activePowerKw: -30 }, false);
  await turnOver();
  assert.equal(device.written.length, order.length + 3, 'the device may have been replaced, so it is written again');
  assert.equal(driver.counters().sent, 3);
});

test('served() resolves once a setpoint is written or has failed', async () => {
  const clock = new VirtualClock(0);
  const device = new MemoryDevice();
  device.put(0, 7);
  device.put(10, 0);
  const write = { activePowerKw: { register: 10, ...TIMING, revertAfterS: 60 } };
  const { driver, lines } = modbusDriver({ ...table, clock, device, write, pollMs: 20_000 });
  const isServed = async (): Promise<boolean> => {
    let served = false;
    void driver.served!().then(() => (served = true));
    await turnOver();
    return served;
  };
  lines.open();
  await turnOver();
  assert.equal(await isServed(), true);
  device.mode = 'silent';
  await driver.hold({ activePowerKw: 5 }, false);
  assert.equal(await isServed(), false, 'still in progress');
  await until(clock, 500);
  assert.equal(await isServed(), true, 'it has failed');
  await lines.close();
});

/** A device that has no register 10, which is written. */
async function withoutRegister() {
  const clock = new VirtualClock(0);
  const device = new MemoryDevice();
  device.put(0, 7);
  const write = { activePowerKw: { register: 10, ...TIMING, revertAfterS: 60 } };
  const { driver, lines } = modbusDriver({ ...table, clock, device, write });
  lines.open();
  await turnOver();
  return { clock, device, driver };
}

test('a refused setpoint is resent a second later, and the refusal is reported', async () => {
  const { clock, driver } = await withoutRegister();
  for (let cycle = 0; cycle < 12; cycle++) {
    await driver.hold({ activePowerKw: 5 }, true);
    await until(clock, 250);
  }
  assert.equal(driver.counters().unsent, 3);
  assert.equal(driver.counters().lastRefusal, 'register 10: exception 2, it has no such register');
  await driver.hold({ activePowerKw: 5e6 }, true);
  assert.match(driver.counters().lastRefusal ?? '', /outside the range/);
});

test('a write that the device has accepted but not finished is not sent again', async () => {
  const { clock, device, driver } = await withoutRegister();
  // Transaction, protocol and length, unit, then the exception: the same length as the refusal that it replaces.
  device.instead = (answer) => answer.with(8, 5);
  for (let cycle = 0; cycle < 8; cycle++) {
    await driver.hold({ activePowerKw: 5 }, false);
    await until(clock, 250);
  }
  assert.deepEqual([driver.counters().sent, driver.counters().unsent], [1, 0]);
});

/** Advances time in steps small enough for everything that each of them starts. */
async function until(clock: VirtualClock, durationMs: number): Promise<void> {
  for (let passed = 0; passed < durationMs; passed += 250) {
    await clock.advance(250);
    await turnOver();
  }
}

test('NaN and the configured absent value are ignored without a fault', async () => {
  const clock = new VirtualClock(0);
  const device = new MemoryDevice();
  device.put(0, 0x7fc0, 0);
  device.put(2, 0x8000);
  device.put(3, 9);
  const read = {
    activePowerKw: { register: 0, type: 'float32' },
    reactivePowerKvar: { register: 2, absent: -32_768 },
    socPct: { register: 3, scale: 10, offset: 1 },
  };
  const { driver, lines } = modbusDriver({ clock, device, read });
  lines.open();
  await turnOver();
  assert.deepEqual([...driver.read().keys()], ['socPct']);
  assert.equal(driver.read().get('socPct')?.value, 91);
  assert.equal(driver.counters().refused, 0);
});

test('sessions are read by charger; an invalid list is refused with its place, an old one is dropped', async () => {
  const clock = new VirtualClock(0);
  const device = new MemoryDevice();
  const charger = (
    at: number,
    words: Partial<Record<'connected' | 'due' | 'leaves' | 'max' | 'min' | 'steady' | 'on', number>>,
  ): void =>
    device.put(
      100 + 10 * at,
      words.connected ?? 0,
      words.due ?? 0,
      ...encode('uint32', words.leaves ?? 0)!,
      words.max ?? 0,
      words.min ?? 0,
      words.steady ?? 0,
      words.on ?? 0xffff,
    );
  device.put(0, 7);
  charger(0, { connected: 1, due: 125, leaves: 1_632_600_000, max: 110, min: 42, steady: 1, on: 0 });
  charger(1, {});
  charger(2, { connected: 3, due: 0xffff, max: 220 });
  const read = {
    activePowerKw: { register: 0 },
    sessionList: {
      chargers: 3,
      stride: 10,
      connected: { register: 100 },
      energyDueKwh: { register: 101, type: 'uint16', scale: 0.1, absent: 0xffff },
      departure: { register: 102, type: 'uint32', scale: 1000 },
      maxKw: { register: 104, scale: 0.1 },
      minKw: { register: 105, scale: 0.1 },
      uninterrupted: { register: 106 },
      charging: { register: 107, type: 'uint16', absent: 0xffff },
    },
  };
  const { driver, lines } = modbusDriver({ clock, device, read });
  assert.equal(driver.sessions?.(), undefined);
  lines.open();
  await turnOver();
  const expected = [
    {
      id: 'charger-1',
      energyDueKwh: 12.5,
      departure: 1_632_600_000_000,
      maxKw: 11,
      minKw: 4.2,
      uninterrupted: true,
      charging: false,
    },
    { id: 'charger-3', maxKw: 22, minKw: 0, uninterrupted: false },
  ];
  assert.deepEqual(driver.sessions?.(), expected);
  charger(1, { connected: 1, max: -5 & 0xffff });
  await until(clock, 1000);
  assert.deepEqual(driver.sessions?.(), expected);
  assert.match(driver.counters().lastRefusal ?? '', /^sessions: charger-2: /);
  charger(1, {});
  charger(0, {});
  await until(clock, 1000);
  assert.deepEqual(driver.sessions?.(), expected.slice(1));
  device.mode = 'silent';
  await until(clock, 7000);
  assert.equal(driver.sessions?.(), undefined);
});

test('a device whose answers make reading throw is polled again, and the driver continues', async () => {
  const clock = new VirtualClock(0);
  let asked = 0;
  const driver = new ModbusDriver({
    line: new FieldLines(new MemoryDevice().openWire, clock).line({ host: 'device', port: 502, framing: 'tcp' }),
    unitId: 1,
    pollMs: 1000,
    timeoutMs: 500,
    longestRestMs: 4000,
    findMap: () => {
      asked++;
      return Promise.reject(new RangeError('a register of 2 words holds no 4'));
    },
    sign: undefined,
    ratedKw: RATED_KW,
    spans: SPANS,
    write: {},
    staleAfterS: 60,
    clock,
  });
  driver.start();
  for (let turn = 0; turn < 20; turn++) {
    await turnOver();
    await clock.advance(500);
  }
  assert.ok(asked >= 3, `${asked} times`);
  assert.match(driver.counters().lastRefusal ?? '', /a register of 2 words/);
  driver.stop();
});
