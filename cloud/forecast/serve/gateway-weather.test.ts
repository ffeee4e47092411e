import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WeatherBody } from '../../../shared/contracts/document.ts';
import { VirtualClock } from '../../../shared/time/virtual-clock.ts';
import { GatewayWeather } from './gateway-weather.ts';
import type { InputQuery, WeatherIntervals } from './inputs.ts';

const HOUR = 3_600_000;
const T0 = Date.UTC(2021, 8, 25, 10, 20);
const HOURS = (9 + 2) * 24;

/** Two substations; the temperature is the hour of the query plus a hundredth per quarter. */
function rig(temperature: (i: number) => number = (i) => Math.floor(i / 4) / 10 + (i % 4) / 100) {
  const clock = new VirtualClock(T0);
  const sent: { gateway: string; at: number; body: WeatherBody }[] = [];
  const asked: InputQuery[] = [];
  const again: string[] = [];
  const state = {
    issuedAt: T0 - HOUR,
    held: new Map<string, number | undefined>([
      ['owd-01', 0],
      ['hal-01', undefined],
    ]),
    up: true,
    hasTemperature: true,
  };
  const weather = new GatewayWeather({
    clock,
    weather: {
      intervals: async (query): Promise<WeatherIntervals> => {
        asked.push(query);
        const count = (query.end - query.start) / (query.resolutionS * 1000);
        const values = Float64Array.from({ length: count }, (_, i) => temperature(i));
        const { issuedAt, hasTemperature } = state;
        const sun = new Float64Array(count);
        return {
          ghi: sun,
          wind: sun,
          ...(hasTemperature && { temperature: values }),
          source: 'x',
          issuedAt,
          hindcast: false,
        };
      },
    },
    substations: [
      { id: 'owd', gateway: 'owd-01' },
      { id: 'hal', gateway: 'hal-01' },
    ],
    held: (gateway) => state.held.get(gateway),
    isUp: () => state.up,
    sentAt: async (gateway) => sent.findLast((each) => each.gateway === gateway)?.at,
    send: async (gateway, body) => sent.push({ gateway, at: clock.plant.now(), body }),
    again: async (gateway) => void again.push(gateway),
  });
  weather.start();
  const run = async (hours: number) => clock.advance(hours * HOUR);
  return { state, weather, sent, again, asked, run };
}

test('a gateway gets the temperature at its birth, nine days back and two ahead, as means of hours', async () => {
  const { weather, sent, asked } = rig();
  await weather.born('owd-01');
  const hour = T0 - 20 * 60_000;
  assert.equal(sent.length, 1);
  const { start, stepS, temperatureC } = sent[0]!.body;
  assert.deepEqual([start, stepS, temperatureC.length], [hour - 9 * 24 * HOUR, 3600, HOURS]);
  assert.deepEqual([temperatureC[0], temperatureC[100]], [0, 10]);
  assert.deepEqual([asked[0]!.target, asked[0]!.origin], ['substation:owd', T0 - 5 * 60_000]);
});

test('the same weather is issued once, newer weather after six hours; who lacks it gets it once more', async () => {
  const { state, weather, sent, again, run } = rig();
  await weather.born('owd-01');
  state.held.set('owd-01', sent[0]!.at);
  await weather.born('owd-01');
  await run(24);
  assert.equal(sent.length, 1, 'a day later there is no newer weather');
  state.issuedAt += 24 * HOUR;
  await run(1);
  state.issuedAt += HOUR;
  await run(5);
  assert.equal(sent.length, 2, 'newer weather goes out, and not again within six hours');
  await run(1);
  assert.equal(sent.length, 3);
  assert.deepEqual(again, []);
  await weather.born('owd-01');
  assert.deepEqual([sent.length, again], [3, ['owd-01']], 'its birth says that it holds an older one');
  state.held.set('owd-01', sent[2]!.at);
  await weather.born('owd-01');
  assert.deepEqual([sent.length, again.length], [3, 1]);
});

test('weather that was sent before the clock was set back counts for nothing', async () => {
  const { state, weather, sent } = rig();
  sent.push({ gateway: 'owd-01', at: T0 + HOUR, body: { start: T0, stepS: 3600, temperatureC: [1] } });
  state.held.set('owd-01', T0 + HOUR);
  await weather.born('owd-01');
  assert.equal(sent.length, 2);
});

test('nothing goes to an older gateway, to one that is away, or to one that is not of the region', async () => {
  const { state, weather, sent, asked, run } = rig();
  await weather.born('hal-01');
  await weather.born('zzz-01');
  state.up = false;
  await run(24);
  assert.deepEqual([sent, asked], [[], []]);
});

test('nothing is sent without a temperature, and no value that no weather can have', async () => {
  const without = rig();
  without.state.hasTemperature = false;
  await without.weather.born('owd-01');
  const unknown = rig(() => Number.NaN);
  await unknown.weather.born('owd-01');
  assert.deepEqual([...without.sent, ...unknown.sent], []);
  const odd = rig((i) => (i < 4 ? 999 : i === 5 ? Number.NaN : 3.26));
  await odd.weather.born('owd-01');
  assert.deepEqual(odd.sent[0]!.body.temperatureC.slice(0, 3), [null, 3.3, 3.3]);
});
