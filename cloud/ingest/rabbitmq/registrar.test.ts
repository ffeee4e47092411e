import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { VirtualClock } from '../../../shared/time/virtual-clock.ts';
import { Registrar } from './registrar.ts';

test('the connections of a removed gateway end even if its user was deleted first', async (t) => {
  const asked: string[] = [];
  let isKnown = true;
  const management = createServer(({ method, url }, response) => {
    asked.push(`${method} ${url}`);
    if (method === 'GET')
      response.end(JSON.stringify(isKnown ? [{ name: 'owd-01', tags: ['loadstone-gateway'] }] : []));
    else if (url === '/api/users/owd-01') {
      isKnown = false;
      response.writeHead(204).end();
    } else response.writeHead(asked.filter((each) => each.includes('/connections/')).length === 1 ? 503 : 204).end();
  });
  management.listen(0, '127.0.0.1');
  await once(management, 'listening');
  t.after(() => management.close());
  const clock = new VirtualClock(0);
  const faults: unknown[] = [];
  const registrar = new Registrar({
    address: {
      amqpUrl: 'amqp://127.0.0.1',
      mqttUrl: 'mqtt://127.0.0.1',
      managementUrl: `http://127.0.0.1:${(management.address() as AddressInfo).port}`,
      vhost: '/',
      user: 'cloud',
      password: 'secret',
    },
    group: 'north',
    machine: clock.machine,
    onFault: (error) => faults.push(error),
  });
  await registrar.dismiss(['owd-01']);
  assert.equal(faults.length, 1);
  await clock.advance(2000);
  assert.equal(asked.at(-1), 'DELETE /api/connections/username/owd-01');
  assert.equal(asked.filter((each) => each.includes('/connections/')).length, 2);
  assert.equal(clock.pending(), 0, 'nothing is left to retry');
  await registrar.dismiss(['owd-01', 'never-there']);
  assert.equal(
    asked.filter((each) => each.includes('/connections/')).length,
    2,
    'without a user there is no connection',
  );
});
