import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DeviceImage } from '../control/image.ts';
import type { StepResult } from './step-types.ts';
import { Readback } from './verify.ts';

type Seen = Partial<Pick<DeviceImage, 'readbackKw' | 'readbackKvar' | 'fresh' | 'readbackAgeS' | 'activePowerKw'>>;
/** `power`: for a device with a power setpoint, not a limit. */
type Commanded = { readonly kw?: number | null; readonly power?: number; readonly kvar?: number };

/** Runs `pv-1` in cycles of 10 s with the same setpoint and readback; returns the conditions afterwards. */
function watching(stepKw = 0) {
  const readback = new Readback(() => stepKw);
  let runMs = 0;
  return {
    readback,
    cycles: (count: number, commanded: Commanded, seen: Seen): string[] => {
      const device = { id: 'pv-1', fresh: true, readbackKw: null, ...seen };
      const setpoint = {
        ...(commanded.power === undefined ? {} : { activePowerKw: commanded.power }),
        ...(commanded.kvar === undefined ? {} : { reactivePowerKvar: commanded.kvar }),
      };
      const decisions = [{ device: 'pv-1', kw: commanded.kw ?? commanded.power ?? null, setpoint }];
      const result = { decisions, image: { devices: new Map([['pv-1', device]]) } } as unknown as StepResult;
      let texts: string[] = [];
      for (let cycle = 0; cycle < count; cycle++) {
        texts = readback.update(result, runMs).map(({ key, text }) => `${key}: ${text}`);
        runMs += 10_000;
      }
      return texts;
    },
  };
}

test('a limit that the device can hold only in steps matches within a step', () => {
  const commanded = { kw: -101.9 };
  assert.deepEqual(watching(2.5).cycles(12, commanded, { readbackKw: -99.5 }), []);
  assert.equal(watching(2.5).cycles(12, commanded, { readbackKw: -99 }).length, 1);
  assert.equal(watching().cycles(12, commanded, { readbackKw: -99.5 }).length, 1);
});

test('a device whose voltage is returning, so that it is not commanded yet, does not count as stopped', () => {
  const { readback } = watching();
  const obeys = (wishedKw: number | null): boolean => {
    const decisions = [{ device: 'pv-1', kw: null, wishedKw, limitedBy: null, setpoint: {} }];
    return readback.obeys('pv-1', { decisions, image: { devices: new Map() } } as unknown as StepResult);
  };
  assert.equal(obeys(0), false);
  assert.equal(obeys(null), true, 'nothing to command');
});

test('active and reactive power are compared separately; a lasting mismatch is reported with its unit', () => {
  const cases: [commanded: Commanded, seen: Seen, texts: string[], verified: boolean][] = [
    [{ kw: -50 }, { readbackKw: -50.5 }, [], true],
    [{ kw: -50 }, { readbackKw: -60 }, ['readback:pv-1: pv-1 was told -50.0 kW and reads back -60.0 kW'], false],
    [{ kw: -50, kvar: 20 }, { readbackKw: -50, readbackKvar: 20.4 }, [], true],
    [
      { kw: -50, kvar: 20 },
      { readbackKw: -50, readbackKvar: 0 },
      ['readback:pv-1: pv-1 was told 20.0 kvar and reads back 0.0 kvar'],
      false,
    ],
    [{ kvar: 20 }, { readbackKvar: 20 }, [], true],
    [{ kw: -50, kvar: 20 }, { readbackKw: -50, readbackKvar: null }, [], true],
    [{ kw: -50 }, { readbackKw: -50, readbackKvar: 99 }, [], true],
    [{ kw: -50, kvar: 20 }, {}, [], false],
    [{ kw: -50 }, { readbackKw: -60, fresh: false }, [], false],
  ];
  for (const [commanded, seen, texts, verified] of cases) {
    const { readback, cycles } = watching();
    const row = JSON.stringify([commanded, seen]);
    assert.deepEqual(cycles(6, commanded, seen), [], row);
    assert.deepEqual(cycles(1, commanded, seen), texts, row);
    assert.equal(readback.verified(['pv-1']), verified, row);
  }
});

test('a device that follows late is compared with its earlier setpoints, however often they change', () => {
  const { cycles } = watching();
  for (let kw = 10; kw <= 400; kw += 10) assert.deepEqual(cycles(1, { kw: -kw }, { readbackKw: 50 - kw }), [], `${kw}`);
  assert.deepEqual(cycles(1, { kw: -400 }, { readbackKw: -350 }), [], 'it may still follow');
  assert.equal(cycles(5, { kw: -400 }, { readbackKw: -350 }).length, 1, 'it has stopped');
});

test('a device that follows no setpoint is found, however often its setpoint changes', () => {
  const { cycles } = watching();
  const found = Array.from({ length: 10 }, (_, at) => cycles(1, { kvar: 20 * at }, { readbackKvar: -30 }).length);
  assert.deepEqual(found, [0, 0, 0, 0, 0, 0, 1, 1, 1, 1]);
  assert.equal(cycles(1, { kvar: 20 }, { readbackKvar: 20 }).length, 0);
});

test('a reading older than the setpoint proves nothing, but a device that reports only changes is found', () => {
  const { cycles } = watching();
  cycles(6, { kw: -50 }, { readbackKw: -50 });
  const found = Array.from({ length: 16 }, (_, at) => {
    const readbackAgeS = 10 * (at + 1);
    return cycles(1, { kw: -90 }, { readbackKw: -50, readbackAgeS }).length;
  });
  assert.equal(found.indexOf(1), 12, 'after two minutes');
});

test('a device wrong in active and reactive power is one condition until both follow', () => {
  const { cycles } = watching();
  const commanded = { kw: -50, kvar: 20 };
  assert.deepEqual(cycles(7, commanded, { readbackKw: -90, readbackKvar: 0 }), [
    'readback:pv-1: pv-1 was told -50.0 kW and reads back -90.0 kW, was told 20.0 kvar and reads back 0.0 kvar',
  ]);
  assert.deepEqual(cycles(1, commanded, { readbackKw: -50, readbackKvar: 0 }), [
    'readback:pv-1: pv-1 was told 20.0 kvar and reads back 0.0 kvar',
  ]);
  assert.deepEqual(cycles(1, commanded, { readbackKw: -50, readbackKvar: 20 }), []);
});

test('a device that reads back its setpoint but gives the opposite power is found; a late one is not', () => {
  const { cycles } = watching();
  const turned = (power: number, does: number) => cycles(1, { power }, { readbackKw: power, activePowerKw: does });
  for (let at = 0; at < 6; at++) assert.deepEqual(turned(100 + 9 * at, -100 - 9 * at), []);
  assert.deepEqual(turned(150, -149), [
    'readback:pv-1: pv-1 was told 150.0 kW and gives -149.0 kW: its sign, or that of its meter, is turned',
  ]);
  assert.deepEqual(turned(150, 150), []);
  for (let at = 0; at < 20; at++)
    assert.deepEqual(turned(at % 4 < 2 ? 100 : -100, at % 4 === 0 ? -100 : 0), [], 'late');
});
