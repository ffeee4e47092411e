import { judged, refused, succeeded, type Attack, type Group } from '../attack.ts';
import { deviceAt } from '../device.ts';
import { until } from '../../../shared/testing/until.ts';
import { pause, type HeldGateway } from '../held-gateway.ts';
import { whatEnds } from '../uplink-place.ts';

const REQUIREMENTS = ['CR 1.2', 'CR 2.1', 'CR 3.1'];
const CUT = /the connection is closed/;
const TAKEN = /it is accepted/;
/** MQTT's own words. An unreachable broker gives other errors. */
const NOT_LET_IN = /Connection refused: (Bad username or password|Not authorized|Identifier rejected)/;

const writes = (name: string, topic: string): Attack => ({
  id: `devices/${name}`,
  title: `publishes on ${topic} as a hacked charger`,
  requirements: REQUIREMENTS,
  expected: 'its connection is closed',
  run: async ({ held }) => {
    const charger = await deviceAt(held.daemon, 'charger', { clientId: name });
    // Its own topic first: a charger that may write nothing proves nothing.
    await charger.publishAsync('charger/p', '20', { qos: 1 });
    return judged(await whatEnds(charger, (done) => charger.publish(topic, '-100', { qos: 1 }, done)), CUT, TAKEN);
  },
});

const hears = (name: string, filter: string): Attack => ({
  id: `devices/${name}`,
  title: `subscribes to ${filter} as a hacked charger`,
  requirements: REQUIREMENTS,
  expected: 'not granted, or its connection is closed',
  run: async ({ held }) => {
    const charger = await deviceAt(held.daemon, 'charger', { clientId: name });
    await charger.subscribeAsync('charger/set');
    const granted = await charger.subscribeAsync(filter).then(
      (grants) => (grants.every(({ qos }) => qos === 128) ? 'not granted' : `granted ${filter}`),
      () => 'not granted',
    );
    charger.end(true);
    return judged(granted, /^not granted$/, /^granted/);
  },
});

/** The transformer meter's reading at the gateway, kW. NaN is null, as in JSON. */
async function meterOf(held: HeldGateway): Promise<number | null> {
  const element = (await held.status()).elements[0];
  if (element === undefined) throw new Error('the gateway does not report its meter');
  return element.activePowerKw;
}

/** Publishes a true reading and waits until the gateway has it. */
async function meterTells(held: HeldGateway, kw: number): Promise<number> {
  const head = await deviceAt(held.daemon, 'head', { clientId: 'meter' });
  await head.publishAsync('head/p', String(kw), { qos: 1 });
  await head.endAsync();
  await until('the gateway reads its meter', async () => (await meterOf(held)) === kw);
  return kw;
}

export const deviceUsers: Group = {
  id: 'devices',
  title: "Device user writing another device's topic",
  asset: 'the meter of the guard, and the setpoints of other devices',
  from: 'a compromised device at the local broker of a gateway',
  defence: 'a user may use only the topics of its own devices: edge/drivers/local-broker.ts, edge/config/users.ts',
  attacks: [
    writes('meter', 'head/p'),
    writes('other-reading', 'battery/p'),
    writes('other-setpoint', 'battery/set'),
    writes('own-setpoint', 'charger/set'),
    writes('sparkplug', 'spBv1.0/site/NDEATH/plc-1'),
    hears('everything', '#'),
    hears('other-setpoints', 'battery/set'),
    hears('shared', '$share/x/battery/set'),
    {
      id: 'devices/will',
      title: 'sets a reading of the meter as its will',
      requirements: REQUIREMENTS,
      expected: 'not admitted, or the will is not delivered',
      run: async ({ held }) => {
        const will = { topic: 'head/p', payload: Buffer.from('9999'), qos: 1, retain: false } as const;
        const reportedKw = await meterTells(held, 21);
        const charger = await deviceAt(held.daemon, 'charger', { clientId: 'will', will }).catch(String);
        if (typeof charger === 'string') return judged(charger, NOT_LET_IN, /$^/);
        charger.stream.destroy();
        await pause(1000);
        const kw = await meterOf(held);
        return kw === reportedKw ? refused('the will is not delivered') : succeeded(`the meter reads ${kw} kW`);
      },
    },
    {
      id: 'devices/password',
      title: 'signs in as the battery with the password of the charger',
      requirements: ['CR 1.2', 'CR 1.5'],
      expected: 'CONNACK 4 or 5',
      run: async ({ held }) => {
        const answer = await deviceAt(held.daemon, 'battery', {
          password: 'secret of the charger',
          clientId: 'thief',
        }).then(
          (client) => (client.end(true), 'it was admitted'),
          (error: unknown) => String(error),
        );
        return judged(answer, NOT_LET_IN, /was admitted/);
      },
    },
    {
      id: 'devices/nan-reading',
      title: 'publishes NaN and 1e999 as readings of its own meter',
      requirements: ['CR 3.5', 'CR 3.6'],
      expected: 'no such value is used',
      run: async ({ held }) => {
        const reportedKw = await meterTells(held, 22);
        const head = await deviceAt(held.daemon, 'head', { clientId: 'liar' });
        for (const value of ['NaN', '1e999', '"x"', '{}']) await head.publishAsync('head/p', value, { qos: 1 });
        await pause(1000);
        head.end(true);
        const kw = await meterOf(held);
        return kw === reportedKw ? refused(`it still uses ${kw} kW`) : succeeded(`it uses ${kw}`);
      },
    },
  ],
};
