import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConfig } from '../config/load.ts';
import { plausible } from '../drivers/plausible.ts';
import { driverSpecs } from './driver-specs.ts';

const station = (ratings: string): string => `
gateway: { id: owd-01, group: north, substation: owd }
uplink: { url: mqtt://cloud }
devices:
  - id: station-1
    type: meter
    driver: mqtt
    ${ratings}
    read: { activePowerKw: { topic: station-1/state, path: $.p }, staleAfterS: 60 }
`;

test("a meter without a rating accepts a station's power as plausible; one with a rating up to its own", () => {
  for (const [ratings, kw, fits] of [
    ['', 180, true],
    ['', 40_000, false],
    ['ratings: { activePowerKw: 20 }', 180, true],
    ['ratings: { activePowerKw: 20 }', 400, false],
  ] as const) {
    const spec = driverSpecs(parseConfig(station(ratings), 'gateway.yaml')).find(({ id }) => id === 'station-1')!;
    const span = plausible('activePowerKw', spec.ratedKw);
    assert.equal(kw <= span.max && -kw >= span.min, fits, `${ratings} ${kw} kW`);
  }
});

test('a driver gets the safe default under the key that it writes, and one in the wrong direction is refused', () => {
  const pv = (safeDefault: string): string => `
gateway: { id: owd-01, group: north, substation: owd }
uplink: { url: mqtt://cloud }
devices:
  - id: pv-1
    type: pv-inverter
    driver: sunspec
    connection: { host: pv, unitId: 1 }
    ratings: { activePowerKw: 250 }
    write: { activePowerLimitKw: {} }
    safeDefault: ${safeDefault}
`;
  const safe = (text: string) => driverSpecs(parseConfig(pv(text), 'gateway.yaml'))[0]!.safeDefault;
  assert.equal(safe('{ activePowerKw: -50 }').activePowerLimitKw, 50);
  assert.deepEqual(safe('{ activePowerLimitKw: 50 }'), { activePowerLimitKw: 50 });
  assert.throws(
    () => safe('{ activePowerKw: 50 }'),
    /safeDefault.activePowerKw.* is 50, but a pv-inverter only feeds in, .*; give -50/s,
  );
});
