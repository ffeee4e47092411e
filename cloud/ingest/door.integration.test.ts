import assert from 'node:assert/strict';
import { after } from 'node:test';
import { SystemClock } from '../../shared/time/system-clock.ts';
import { Judge } from '../pki/judge.ts';
import { putStanding, readStandings } from '../pki/standing.ts';
import { authorityInFolder } from '../pki/testing/authority-in-folder.ts';
import { UplinkBroker } from './broker.ts';
import { GatewayUsers } from './gateway-users.ts';
import { doorSuite } from './testing/door-suite.ts';

const { machine } = new SystemClock((error) => assert.fail(String(error)));

const cleanups: (() => unknown)[] = [];
after(async () => {
  for (const clean of cleanups.reverse()) await clean();
});

doorSuite('on the embedded broker', async () => {
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
  return {
    authority,
    port: broker.tlsPort,
    link: broker.link(),
    admit: async () => undefined,
    revoke: async (gateway) => {
      putStanding(authority.data, gateway, { revokedAt: machine.now() + 1 });
      broker.end(judge.replace(readStandings(authority.data)));
    },
  };
});
