import assert from 'node:assert/strict';
import { test } from 'node:test';
import { messages as dutch } from '../../../shared/sentences/nl/messages.ts';
import { reader } from '../../../shared/sentences/reader.ts';
import { messageForms } from '../../../shared/sentences/message-forms.ts';
import { gridCodes, type GridCodeId } from '../../../shared/grid/grid-codes.ts';
import { curveAt, responseShare } from '../../../shared/grid/inverter-curves.ts';
import { VirtualClock } from '../../../shared/time/virtual-clock.ts';
import { curveDevice } from '../../../simulators/faces/curve-face.ts';
import { FieldLines } from '../modbus/field-lines.ts';
import { MemoryDevice } from '../modbus/testing/memory-device.ts';
import { createDriver } from '../table.ts';
import { TIMING } from '../testing/conformance.ts';
import { MemoryLink } from '../testing/memory-link.ts';
import { voltageWith } from '../testing/one-section.ts';
import { TopicBus } from '../topic-bus.ts';

const turnOver = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const KVA_PER_KW = 1.1;

function inverter(code: GridCodeId, kind: 'newer' | 'older' = 'newer', others: readonly number[] = []) {
  const clock = new VirtualClock(0);
  const device = curveDevice(kind, others);
  const lines = new FieldLines(new MemoryDevice(device.registers).openWire, clock);
  const driver = createDriver(
    {
      id: 'pv-1',
      driver: 'sunspec',
      sign: undefined,
      ratedKw: 250,
      spans: {},
      safeDefault: {},
      connection: {
        host: 'a',
        port: 502,
        framing: 'tcp',
        unitId: 1,
        pollMs: 1000,
        timeoutMs: 500,
        silentAtNight: false,
        nominalV: 230,
      },
      models: 'auto',
      write: { activePowerLimitKw: { ...TIMING, revertAfterS: 60 } },
      gridCode: { code: gridCodes[code], kvaPerKw: KVA_PER_KW },
    },
    { lines, clock, bus: new TopicBus(new MemoryLink(), 'gateway') },
  );
  lines.open();
  const pass = async (seconds: number): Promise<void> => {
    for (let at = 0; at < seconds; at++) {
      await turnOver();
      await clock.advance(1000);
    }
    await turnOver();
  };
  return { device, driver, pass, value: (point: string) => device.registers.get(point) };
}

test('in monitor curves are only compared; once allowed they are written once and read back', async () => {
  const { device, driver, pass, value } = inverter('ieee1547-b');
  await pass(5);
  assert.deepEqual(device.written, []);
  assert.match(
    driver.parameters!().join('; '),
    /volt-var has corners: nothing instead of 4.*volt-watt is switched on: 0 instead of 1/,
  );
  const say = reader({ words: {}, forms: messageForms, sentences: dutch }, 'nl');
  assert.deepEqual(
    driver.parameters!().filter((each) => say(each, 'LS-DEVICE-005') === undefined),
    [],
    'each is shown in the language of the page',
  );
  driver.permit!(true);
  await pass(10);
  assert.deepEqual(driver.parameters!(), []);
  // Generator convention on the wire: a low voltage is met by injecting vars, which SunSpec counts as positive.
  assert.deepEqual(
    [1, 2, 3, 4].map((at) => [value(`705.C1V${at}`), value(`705.C1Var${at}`)]),
    [
      [9200, 4400],
      [9800, 0],
      [10_200, 0],
      [10_800, -4400],
    ],
  );
  assert.deepEqual(
    [
      '705.Ena',
      '705.C1DeptRef',
      '705.C1RspTms',
      '706.Ena',
      '706.C1V2',
      '706.C1W2',
      '712.Ena',
      '711.Ena',
      '711.C1DbOf',
      '711.C1KOf',
    ].map(value),
    [1, 3, 50, 1, 11_000, 2000, 0, 1, 36, 50],
  );
  const writes = device.written.length;
  await pass(1300);
  assert.equal(device.written.length, writes, 'a curve in force is not written again');
  // Changed by a person at the device, or a replacement device.
  device.registers.set('705.C1Var1', 0);
  await pass(700);
  assert.equal(value('705.C1Var1'), 4400);
  assert.deepEqual(driver.parameters!(), []);
});

test('an inverter that rejects its curves is written at most three times a day, and reported', async () => {
  const { device, driver, pass } = inverter('vde-ar-n-4105');
  device.stubborn = true;
  driver.permit!(true);
  await pass(4000);
  assert.equal(device.written.filter((point) => point === '705.AdptCrvReq').length, 3);
  assert.match(driver.parameters!()[0] ?? '', /volt-var has corners: nothing instead of 4/);
});

test('an inverter in local control gets its curves once it is in remote control', async () => {
  const { device, driver, pass, value } = inverter('ieee1547-b', 'newer', [715]);
  device.registers.set('715.LocRemCtl', 1);
  driver.permit!(true);
  await pass(10);
  assert.deepEqual([device.written, driver.parameters!().length > 0], [[], true]);
  device.registers.set('715.LocRemCtl', 0);
  await pass(10);
  assert.deepEqual([value('705.Ena'), driver.parameters!()], [1, []]);
});

test('every grid code can be written to both model families and reads back', async () => {
  for (const code of Object.keys(gridCodes) as GridCodeId[])
    for (const kind of ['newer', 'older'] as const) {
      const { driver, pass, value } = inverter(code, kind);
      driver.permit!(true);
      await pass(10);
      assert.deepEqual(driver.parameters!(), [], `${code}, ${kind}`);
      const low = gridCodes[code].voltVar.curve[0];
      if (kind === 'newer') continue;
      // The older models use percent of the active power.
      assert.equal(value('126.VAr1'), Math.round(-low[1] * KVA_PER_KW * 1e4), code);
      assert.deepEqual([value('126.ActCrv'), value('126.ModEna'), value('132.ModEna')], [1, 1, 1]);
    }
});

test('in closed loop the grid code raises a low voltage, lowers a high one, and settles', async () => {
  for (const code of Object.keys(gridCodes) as GridCodeId[]) {
    const { driver, pass, value } = inverter(code);
    driver.permit!(true);
    await pass(10);
    const corners = Array.from(
      { length: value('705.C1ActPt') },
      (_, at) => [value(`705.C1V${at + 1}`) / 1e4, value(`705.C1Var${at + 1}`) / 1e4] as const,
    );
    for (const sourcePu of [0.93, 1.07]) {
      const before = voltageWith(0, 0, sourcePu);
      let [fedInKvar, volts, last] = [0, before, before];
      for (let second = 0; second < 120; second++) {
        last = volts;
        // A SunSpec inverter injects where its curve is positive.
        fedInKvar += (1000 * curveAt(corners, volts) - fedInKvar) * responseShare(10, 1);
        volts = voltageWith(0, -fedInKvar, sourcePu);
      }
      assert.ok(sourcePu < 1 ? volts > before + 0.003 : volts < before - 0.003, `${code} at ${sourcePu}: ${volts}`);
      assert.ok(Math.abs(volts - last) < 1e-4, `${code} at ${sourcePu} does not come to rest`);
    }
  }
});
