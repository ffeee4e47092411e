import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConfig } from '../config/load.ts';
import { initialState, type ControlState } from '../control/state.ts';
import { asConfigured } from './as-configured.ts';
import { siteOf } from './specs.ts';
import { RIG_YAML, START } from './testing/rig.ts';

const siteFrom = (yaml: string) => siteOf(parseConfig(yaml, 'gateway.yaml'));
const turned = (yaml: string, meter: string): string =>
  yaml.replace(
    `meter: { driver: mqtt, read: { activePowerKw: { topic: ${meter}`,
    `meter: { driver: mqtt, sign: generation-positive, read: { activePowerKw: { topic: ${meter}`,
  );

const found: ControlState = {
  ...asConfigured(initialState('automatic', START), siteFrom(RIG_YAML)),
  meterCheck: {
    lastTime: START,
    lastMeter: 0,
    lastHeads: 0,
    samples: 100,
    xx: 1,
    xy: -1,
    yy: 1,
    quietS: 0,
    finding: 'reversed',
  },
  liars: { 'feeder-1': 'reversed' },
};

test('a meter whose sign was put right is not turned after the start; another keeps what was found of it', () => {
  const of = (yaml: string) => {
    const { meterCheck, liars } = asConfigured(found, siteFrom(yaml));
    return [meterCheck?.finding, liars];
  };
  assert.deepEqual(of(RIG_YAML), ['reversed', { 'feeder-1': 'reversed' }]);
  assert.deepEqual(of(turned(RIG_YAML, 't/p')), [undefined, { 'feeder-1': 'reversed' }]);
  assert.deepEqual(of(turned(RIG_YAML, 'f/p')), ['reversed', {}]);
  assert.deepEqual(
    of(RIG_YAML.replace('activePowerKw: { topic: t/p }', 'activePowerKw: { topic: t/p, scale: -1 }'))[0],
    undefined,
  );
  const { counts: _, ...earlier } = found;
  assert.equal(asConfigured(earlier, siteFrom(turned(RIG_YAML, 't/p'))).meterCheck?.finding, 'reversed');
});

test('what the guard held on a device that is gone holds nothing any more', () => {
  const bound = { min: null, max: -50, minBy: null, maxBy: 'transformer-power', missS: 0 };
  const held = { ...found, guard: { ...found.guard, bounds: { 'battery-1:p': bound, 'battery-9:p': bound } } };
  assert.deepEqual(Object.keys(asConfigured(held, siteFrom(RIG_YAML)).guard.bounds), ['battery-1:p']);
});
