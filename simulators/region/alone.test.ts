import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stringify } from 'yaml';
import { gatewayFile } from '../../cloud/region/gateway-file.ts';
import { aloneNotes } from '../../cloud/region/alone.ts';
import { regionFaults } from '../../cloud/region/check.ts';
import { initialState, type ControlState } from '../../edge/control/state.ts';
import { step } from '../../edge/cycle/step.ts';
import { GuardWorld, idle, type Controller } from '../bench/guard-world.ts';
import { substationIds } from '../data/names.ts';
import { gatewayConfig } from './gateway-config.ts';
import { plantSpecs } from './inputs.ts';
import { buildRegion, buildSubstation, needQuantile, recordedNeeds } from './region.ts';
import { needOfRecord } from './failsafe-shares.ts';
import { plantStartMs } from '../plant/region-plant.ts';

const options = { uplinkUrl: 'mqtt://127.0.0.1:1883', localListen: '127.0.0.1:18830', journalPath: '/tmp/journal' };
const fileOf = (id: (typeof substationIds)[number], changes = {}) =>
  gatewayFile(stringify({ ...gatewayConfig(id, options), ...changes }), `${id}-01.yaml`);

test('fail-safe shares of all gateways add up to at most the limit of the region', () => {
  const region = buildRegion();
  const shares = substationIds.map((id) => fileOf(id).guarded.find((each) => each.id === 'transformer')!.failsafe!);
  for (const side of ['importKw', 'exportKw'] as const) {
    const pct = (100 * shares.reduce((sum, share) => sum + share[side]!, 0)) / region.limits[side];
    assert.ok(pct > 90 && pct <= 100, `${side}: ${pct} %`);
  }
  assert.deepEqual(
    region.substations.map(({ failsafe }) => failsafe),
    shares.map(({ importKw, exportKw }) => ({ importKw, exportKw })),
    'the cloud uses the shares of the gateways',
  );
});

test('the demand of substations comes from their record before the plant starts', () => {
  const record = { quantile: needQuantile, counts: (timeMs: number) => timeMs < plantStartMs };
  const needs = plantSpecs().map(({ id, inputs }) => {
    const { importKw, exportKw } = needOfRecord(inputs, record);
    return [id, { importKw: Math.round(importKw), exportKw: Math.round(exportKw) }];
  });
  assert.deepEqual(recordedNeeds, Object.fromEntries(needs));
});

test('a region with too large fail-safe shares is refused, with what its gateways lack', () => {
  const region = buildRegion(['owd', 'hal']);
  const small = { ...region, limits: { importKw: 6600, exportKw: 8000 } };
  assert.match(
    regionFaults(small).join('\n'),
    /^failsafe\.importKw of all gateways adds up to 14400 kW, .* limits\.importKw of the region, 6600 kW, .* owd-01: 3300, hal-01: 3300$/m,
  );
  const [owd, hal] = region.substations;
  const wide = { ...region, substations: [{ ...owd!, failsafe: { importKw: 7300, exportKw: 0 } }, hal!] };
  assert.deepEqual(regionFaults(wide), [
    'substations owd, failsafe.importKw is 7300 kW; it must not exceed limits.importKw of its transformer, 7200 kW',
  ]);
  assert.deepEqual(regionFaults(region), []);
  const files = (['owd', 'hal'] as const).map((id) => fileOf(id));
  assert.deepEqual(aloneNotes(region, files), [], 'the generated configuration is valid');
  const bare = (['owd', 'hal'] as const).map((id) => fileOf(id, { guarded: [], envelope: {} }));
  const silent = { ...small, substations: (['owd', 'hal'] as const).map((one) => buildSubstation(one)) };
  const notes = aloneNotes(silent, bare).join('\n');
  assert.match(notes, /hal-01: without failsafe .* failsafe: \{ importKw: 3300, exportKw: 4000 \}/);
  assert.match(notes, /hal-01: envelope\.default is .* can carry default: \{ importKw: 2600, exportKw: \d{4} \}/);
});

/** The gateway's own control, without ever hearing from a cloud. */
class Alone implements Controller {
  #state: ControlState = initialState('automatic', 0);

  decide({ site }: GuardWorld, image: Parameters<Controller['decide']>[1]): ReturnType<Controller['decide']> {
    const { state, decisions } = step({ site, image, state: this.#state, plan: null, forecast: null, chance: 0.5 });
    this.#state = state;
    return new Map(
      decisions.flatMap(({ device, setpoint }) => (Object.keys(setpoint).length === 0 ? [] : [[device, setpoint]])),
    );
  }
}

test('without a cloud a sunny noon curtails nothing while no limit binds', () => {
  const [spec] = plantSpecs(['hal']);
  const given = { spec: spec!, seed: 1, startMs: Date.UTC(2021, 8, 25, 12, 15), feeder: 1, share: 0, spikeS: 1 };
  /** The twin runs without any control. */
  const [world, twin] = [new GuardWorld(given), new GuardWorld(given)];
  const alone = new Alone();
  let [fedIn, available, seconds] = [0, 0, 0];
  for (let second = 0; second < 600; second++) {
    world.second(alone);
    twin.second(idle);
    const binds = Math.max(...twin.plant.truth().loadingPct) >= 100 || twin.highestPu() >= 1.06;
    if (second < 60 || binds) continue;
    seconds++;
    for (const { id, activePowerKw, values } of world.plant.truth().devices) {
      if (!id.startsWith('pv-')) continue;
      fedIn -= activePowerKw / 3600;
      available += values['availableKw']! / 3600;
    }
  }
  const lostPct = 100 * (1 - fedIn / available);
  const sunPct = (available * 3600) / seconds / 50;
  assert.ok(seconds > 100 && sunPct > 60, `${seconds} s at ${sunPct} % of full sun`);
  assert.ok(lostPct < 1, `${lostPct.toFixed(1)} % of ${available.toFixed(0)} kWh are curtailed`);
});
