import { judged, refused, succeeded, type Attack, type Group } from '../attack.ts';
import { deviceAt } from '../device.ts';
import { pause } from '../held-gateway.ts';
import { whatEnds } from '../uplink-place.ts';

const REQUIREMENTS = ['CR 1.2', 'CR 2.1', 'CR 3.1'];
const CUT = /the connection is ended/;

const writes = (name: string, topic: string): Attack => ({
  id: `devices/${name}`,
  title: `publishes on ${topic} as a hacked charger`,
  requirements: REQUIREMENTS,
  expected: 'its connection is ended',
  run: async ({ held }) => {
    const charger = await deviceAt(held.daemon, 'charger', { clientId: name });
    return judged(await whatEnds(charger, (told) => charger.publish(topic, '-100', { qos: 1 }, told)), CUT);
  },
});

const hears = (name: string, filter: string): Attack => ({
  id: `devices/${name}`,
  title: `subscribes to ${filter} as a hacked charger`,
  requirements: REQUIREMENTS,
  expected: 'not granted, or its connection is ended',
  run: async ({ held }) => {
    const charger = await deviceAt(held.daemon, 'charger', { clientId: name });
    const granted = await charger.subscribeAsync(filter).then(
      (grants) => (grants.every(({ qos }) => qos === 128) ? 'not granted' : `granted ${filter}`),
      () => 'not granted',
    );
    charger.end(true);
    return judged(granted, /^not granted$/);
  },
});

export const deviceUsers: Group = {
  id: 'devices',
  title: "Device user writing another device's topic",
  asset: 'the meter that the guard believes, and the setpoints of other devices',
  from: 'one device at the local broker of a gateway, taken over',
  defence: 'a user has the topics of its own devices alone: edge/drivers/local-broker.ts, edge/config/users.ts',
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
      title: 'leaves a reading of the meter as its will',
      requirements: REQUIREMENTS,
      expected: 'not let in, or the will is not told',
      run: async ({ held }) => {
        const will = { topic: 'head/p', payload: Buffer.from('9999'), qos: 1, retain: false } as const;
        const charger = await deviceAt(held.daemon, 'charger', { clientId: 'will', will }).catch(() => undefined);
        if (charger === undefined) return refused('it is not let in');
        charger.stream.destroy();
        await pause(1000);
        const head = (await held.status()).elements[0]?.activePowerKw;
        return head === 9999 ? succeeded('the meter reads 9999 kW') : refused('the will is not told');
      },
    },
    {
      id: 'devices/password',
      title: 'signs in as the battery by the password of the charger',
      requirements: ['CR 1.2', 'CR 1.5'],
      expected: 'CONNACK 4 or 5',
      run: async ({ held }) => {
        const answer = await deviceAt(held.daemon, 'battery', {
          password: 'secret of the charger',
          clientId: 'thief',
        }).then(
          (client) => (client.end(true), 'it came in'),
          (error: unknown) => String(error),
        );
        return judged(answer, /refused/i);
      },
    },
    {
      id: 'devices/nan-reading',
      title: 'reads NaN and 1e999 as a meter of its own',
      requirements: ['CR 3.5', 'CR 3.6'],
      expected: 'no such value is used',
      run: async ({ held }) => {
        const head = await deviceAt(held.daemon, 'head', { clientId: 'liar' });
        for (const value of ['NaN', '1e999', '"x"', '{}']) await head.publishAsync('head/p', value, { qos: 1 });
        await pause(1000);
        const { elements } = await held.status();
        head.end(true);
        const kw = elements[0]?.activePowerKw ?? null;
        return kw === null || Number.isFinite(kw) ? refused(`it uses ${kw}`) : succeeded(`it uses ${kw}`);
      },
    },
  ],
};
