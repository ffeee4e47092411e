import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { createRPCError, RPCServer, type RPCClient } from 'ocpp-rpc';
import { SystemClock } from '../../../shared/time/system-clock.ts';
import { until } from '../../../shared/testing/until.ts';
import type { EvSite, PluggedCar } from '../../plant/ev-site.ts';
import { plantSpecs } from '../../region/inputs.ts';
import { ChargingStations } from './charging-stations.ts';

const { machine } = new SystemClock((error) => {
  throw error;
});
const ev = plantSpecs()
  .flatMap(({ devices }) => devices)
  .find(({ type }) => type === 'ev-site');
assert.ok(ev?.type === 'ev-site');
const spec = { ...ev, chargers: 1 };

interface Heard {
  readonly what: string;
  readonly triggerReason: string | undefined;
  readonly transaction: string | undefined;
}

/** Answers a message, or does something else with its connection; `times` counts how often this one came. */
type Answer = (what: string, times: number, client: RPCClient) => object | Promise<never>;

/** A charger at a gateway of which a test decides what becomes of each message. */
async function bench(t: TestContext, answer: Answer) {
  const heard: Heard[] = [];
  const server = new RPCServer({ protocols: ['ocpp2.0.1'], strictMode: true });
  server.auth((accept) => accept({}, 'ocpp2.0.1'));
  server.on('client', (client: RPCClient) =>
    client.handle(async ({ method, params }) => {
      const { eventType, triggerReason, transactionInfo } = params as {
        eventType?: string;
        triggerReason?: string;
        transactionInfo?: { transactionId: string };
      };
      const what = eventType ?? method!;
      if (what === 'BootNotification')
        return { status: 'Accepted', interval: 300, currentTime: new Date(0).toISOString() };
      heard.push({ what, triggerReason, transaction: transactionInfo?.transactionId });
      const times = heard.filter((each) => each.what === what).length;
      return (await answer(what, times, client)) as Record<string, unknown>;
    }),
  );
  const http = await server.listen(0, '127.0.0.1');
  const { port } = http.address() as { port: number };
  const cars: PluggedCar[] = [];
  const site = { cars: () => cars, follow: () => undefined } as unknown as EvSite;
  const endpoint = `ws://127.0.0.1:${port}`;
  const stations = new ChargingStations({ site, spec, endpoint, now: () => 0, machine });
  stations.start();
  t.after(async () => {
    await stations.stop();
    await server.close({ force: true });
  });
  const count = (what: string): number => heard.filter((each) => each.what === what).length;
  const shows = (what: string, times: number): Promise<boolean> =>
    until(
      () => `${what} arrived ${times} times: ${JSON.stringify(heard)}`,
      () => {
        stations.show();
        return count(what) >= times;
      },
    );
  return { heard, cars, shows, count, stations };
}

const car: PluggedCar = {
  charger: 0,
  arrivalMs: 1,
  departureMs: 3_600_000,
  wishKw: 11,
  kw: 0,
  deliveredKwh: 0,
  missingKwh: 5,
};
const fine = (what: string): object =>
  what === 'NotifyEVChargingNeeds'
    ? { status: 'Accepted' }
    : what === 'Started'
      ? { idTokenInfo: { status: 'Accepted' } }
      : {};

test('transaction events lost with the connection are resent, each with its own transaction', async (t) => {
  const { heard, cars, shows } = await bench(t, (what, times, client) => {
    if (times > 1 || !['Started', 'Ended', 'NotifyEVChargingNeeds'].includes(what)) return fine(what);
    void client.close({ force: true });
    return new Promise<never>(() => undefined);
  });
  cars.push(car);
  await shows('Started', 2);
  await shows('NotifyEVChargingNeeds', 2);
  cars.pop();
  await shows('Ended', 2);
  const events = heard.filter(({ what }) => what === 'Started' || what === 'Ended');
  assert.deepEqual(
    events.map(({ what, triggerReason }) => `${what} ${triggerReason}`),
    ['Started CablePluggedIn', 'Started CablePluggedIn', 'Ended EVCommunicationLost', 'Ended EVCommunicationLost'],
  );
  assert.equal(new Set(events.map(({ transaction }) => transaction)).size, 1);
});

test('a rejected event is not resent, and the next one follows', async (t) => {
  const { cars, shows, count, stations } = await bench(t, (what) => {
    if (what === 'Started') throw createRPCError('InternalError');
    return fine(what);
  });
  cars.push(car);
  await shows('NotifyEVChargingNeeds', 1);
  for (let step = 0; step < 20; step++) {
    stations.show();
    await wait(5);
  }
  assert.equal(count('Started'), 1);
});
