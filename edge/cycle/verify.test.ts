import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DeviceImage } from '../control/image.ts';
import type { StepResult } from './step-types.ts';
import { Readback } from './verify.ts';

type Seen = Partial<Pick<DeviceImage, 'readbackKw' | 'readbackKvar' | 'fresh'>>;

/** A minute of cycles of 10 s in which `pv-1` is told and reads back the same. */
function minute(readback: Readback, told: { kw?: number | null; kvar?: number }, seen: Seen): string[] {
  const device = { id: 'pv-1', fresh: true, readbackKw: null, ...seen };
  const setpoint = told.kvar === undefined ? {} : { reactivePowerKvar: told.kvar };
  const decisions = [{ device: 'pv-1', kw: told.kw ?? null, setpoint }];
  const image = { stepS: 10, devices: new Map([['pv-1', device]]) };
  let texts: string[] = [];
  for (let cycle = 0; cycle < 6; cycle++)
    texts = readback.update({ decisions, image } as unknown as StepResult).map(({ key, text }) => `${key}: ${text}`);
  return texts;
}

test('active and reactive power are compared each by itself; one that does not follow for a minute is told with its unit', () => {
  const cases: [told: { kw?: number | null; kvar?: number }, seen: Seen, texts: string[], verified: boolean][] = [
    [{ kw: -50 }, { readbackKw: -50.5 }, [], true],
    [{ kw: -50 }, { readbackKw: -60 }, ['readback:pv-1: pv-1 was told -50.0 kW and reads back -60.0 kW'], false],
    [{ kw: -50, kvar: 20 }, { readbackKw: -50, readbackKvar: 20.4 }, [], true],
    [
      { kw: -50, kvar: 20 },
      { readbackKw: -50, readbackKvar: 0 },
      ['readback:pv-1:kvar: pv-1 was told 20.0 kvar and reads back 0.0 kvar'],
      false,
    ],
    [{ kvar: 20 }, { readbackKvar: 20 }, [], true],
    [{ kw: -50, kvar: 20 }, { readbackKw: -50, readbackKvar: null }, [], true],
    [{ kw: -50 }, { readbackKw: -50, readbackKvar: 99 }, [], true],
    [{ kw: -50, kvar: 20 }, {}, [], false],
    [{ kw: -50 }, { readbackKw: -60, fresh: false }, [], false],
  ];
  for (const [told, seen, texts, verified] of cases) {
    const readback = new Readback();
    const row = JSON.stringify([told, seen]);
    assert.deepEqual(minute(readback, told, seen), texts, row);
    assert.equal(readback.verified(['pv-1']), verified, row);
  }
});

test('what is told anew has its minute anew', () => {
  const readback = new Readback();
  assert.equal(minute(readback, { kvar: 20 }, { readbackKvar: 0 }).length, 1);
  const image = {
    stepS: 10,
    devices: new Map([['pv-1', { id: 'pv-1', fresh: true, readbackKw: null, readbackKvar: 0 }]]),
  };
  const decisions = [{ device: 'pv-1', kw: null, setpoint: { reactivePowerKvar: 30 } }];
  assert.deepEqual(readback.update({ decisions, image } as unknown as StepResult), []);
});
