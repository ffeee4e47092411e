import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { Region } from '../../../shared/contracts/region.ts';
import { START, TOKEN } from '../testing/api-fixture.ts';
import { meteredRegion, plannerFixture } from '../testing/planner-fixture.ts';

/** The second substation has a feeder whose meter never measured, so nothing is known of its rest. */
function region(): Region {
  const metered = meteredRegion();
  const [owd, whf] = metered.substations as [Region['substations'][number], Region['substations'][number]];
  const { network, meters } = whf;
  const [line, feeder, head] = [network.lines[0]!, network.feeders[0]!, meters[1]!];
  const second: Region['substations'][number] = {
    ...whf,
    network: {
      ...network,
      buses: [...network.buses, { id: 'whf-2-b2', nominalKv: 12.66, feeder: 'whf-2' }],
      lines: [...network.lines, { ...line, id: 'whf-2-l1', to: 'whf-2-b2', feeder: 'whf-2' }],
      feeders: [...network.feeders, { ...feeder, id: 'whf-2', headBranch: 'whf-2-l1', headBus: 'whf-2-b2' }],
    },
    meters: [...meters, { ...head, device: 'feeder-2', element: 'whf-2-l1', feeder: 'whf-2' }],
  };
  return { ...metered, substations: [owd, second] };
}

const rig = await plannerFixture({ region: region() }, ['whf-01/feeder-2']);
after(() => rig.close());
await rig.forecasts.issueAll();

async function job(payload: object) {
  const accepted = await rig.ask('POST', '/v1/forecasts', { token: TOKEN, payload });
  assert.equal(accepted.statusCode, 202, accepted.body);
  await rig.jobs.finished(accepted.json().id, 60_000);
  const { error, result } = (await rig.get(String(accepted.headers['location']))).json();
  return { error, forecast: result === null ? undefined : (await rig.get(result.href)).json() };
}

const sum = { sumOf: ['substation:owd', 'rest:whf'] };
const at = (days: number): string => new Date(START + days * 86_400_000).toISOString();

test('a rest without measurements is forecast for 48 h', async () => {
  const { forecast } = await job({ target: 'rest:whf', horizon: 'PT48H' });
  assert.equal(forecast.model.id, 'rest-of-whole');
  assert.equal(forecast.values.quantile_P50.length, 192);
});

test('beyond 48 h and as of the past it is refused, alone and in a sum, with the key that is wrong', async () => {
  const cases: [object, string, RegExp][] = [
    [{ target: 'rest:whf', horizon: 'P7D' }, '/body/horizon', /^rest:whf is forecast up to 48 h ahead/],
    [{ target: 'rest:whf', start: at(3) }, '/body/start', /^rest:whf is forecast up to 48 h ahead/],
    [{ target: sum, horizon: 'P7D' }, '/body/horizon', /^rest:whf is forecast up to 48 h ahead/],
    [{ target: 'rest:whf', asOf: at(-1) }, '/body/target', /^rest:whf cannot be reconstructed/],
    [{ target: sum, asOf: at(-1), horizon: 'P7D' }, '/body/target', /^rest:whf cannot be reconstructed/],
  ];
  for (const [asked, pointer, detail] of cases) {
    const { error, forecast } = await job(asked);
    assert.equal(forecast, undefined, JSON.stringify(asked));
    assert.deepEqual([error.code, error.errors[0].pointer], ['LS-FORECAST-011', pointer], JSON.stringify(asked));
    assert.match(error.detail, detail);
    assert.match(error.remedy, /week ahead of its substation and metered feeders/);
  }
  for (const target of ['substation:whf', 'feeder:whf-1', 'rest:owd']) {
    const { error, forecast } = await job({ target, horizon: 'P7D', resolution: 'PT1H' });
    assert.equal(error, null, target);
    assert.equal(forecast.values.quantile_P50.length, 168);
  }
});
