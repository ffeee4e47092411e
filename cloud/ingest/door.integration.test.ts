import assert from 'node:assert/strict';
import { after } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { MqttLink } from '../../edge/uplink/mqtt-link.ts';
import { SeededRandom } from '../../shared/ports/random.ts';
import { gateway, linkSuite } from '../../shared/ports/testing/link-suite.ts';
import { SystemClock } from '../../shared/time/system-clock.ts';
import { Judge } from '../pki/judge.ts';
import { putStanding, readStandings } from '../pki/standing.ts';
import { authorityInFolder } from '../pki/testing/authority-in-folder.ts';
import { UplinkBroker } from './broker.ts';
import { GatewayUsers } from './gateway-users.ts';
import { doorSuite } from './testing/door-suite.ts';

const onFailure = (error: unknown): void => assert.fail(String(error));
const clock = new SystemClock(onFailure);
const { machine } = clock;

const cleanups: (() => unknown)[] = [];
after(async () => {
  for (const clean of cleanups.reverse()) await clean();
});

async function started() {
  const authority = await authorityInFolder(
    { after: (clean) => void cleanups.push(clean as () => void) },
    machine.now(),
  );
  const judge = new Judge({ standings: {}, now: () => machine.now() });
  const identity = { pem: authority.server, roots: authority.issuing.roots() };
  const broker = new UplinkBroker({
    group: 'north',
    users: new GatewayUsers(new Map(), machine),
    tls: { host: '127.0.0.1', port: 0, identity },
    certificates: judge,
  });
  await broker.start();
  cleanups.push(() => broker.stop());
  return { authority, judge, broker };
}

doorSuite('on the embedded broker', async () => {
  const { authority, judge, broker } = await started();
  return {
    authority,
    port: broker.tlsPort,
    link: broker.link(),
    admit: async () => undefined,
    revoke: async (id) => {
      putStanding(authority.data, id, { revokedAt: machine.now() + 1 });
      broker.end(judge.replace(readStandings(authority.data)));
    },
  };
});

linkSuite('on the embedded broker', async () => {
  const { authority, broker } = await started();
  return {
    cloud: broker.link(),
    other: new MqttLink({
      url: `mqtts://127.0.0.1:${broker.tlsPort}`,
      identity: await authority.identity(gateway),
      keepAliveS: 30,
      clock,
      random: new SeededRandom(1),
      onFailure,
    }),
    settle: () => wait(25),
  };
});
