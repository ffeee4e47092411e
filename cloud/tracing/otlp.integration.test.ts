import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import { until } from '../../shared/testing/until.ts';
import { VirtualClock } from '../../shared/time/virtual-clock.ts';
import { OtlpExporter } from './otlp.ts';

/** A collector that answers on demand. */
async function rig(t: TestContext) {
  const asked: { readonly names: readonly string[]; readonly response: ServerResponse }[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    request.on('end', () =>
      asked.push({ names: [...text.matchAll(/"name":"(step-\d+)"/g)].map(([, name]) => name!), response }),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const clock = new VirtualClock(0);
  const standings: (string | null)[] = [];
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const exporter = new OtlpExporter({ url, machine: clock.machine, onStanding: (why) => standings.push(why) });
  const tell = (from: number, count: number): void => {
    for (let n = from; n < from + count; n++)
      exporter.tell({ of: 'test', name: `step-${n}`, start: 0, end: 1, attributes: {} });
  };
  return { asked, clock, standings, exporter, tell };
}

test('a stop waits at most a second in total for a collector that does not answer', async (t) => {
  const { asked, clock, standings, exporter, tell } = await rig(t);
  tell(0, 2000);
  const stopping = exporter.stop();
  await until('it is called', () => asked.length === 1);
  await clock.advance(999);
  assert.deepEqual(standings, []);
  await clock.advance(1);
  await stopping;
  assert.match(String(standings), /did not answer within 1000 ms/);
  assert.deepEqual([asked.length, clock.pending()], [1, 0]);
});

test('a stop while spans are in transit sends the rest once, and leaves no timer', async (t) => {
  const { asked, clock, standings, exporter, tell } = await rig(t);
  tell(0, 600);
  const turning = clock.advance(5000);
  await until('the first are in transit', () => asked.length === 1);
  const stopping = exporter.stop();
  tell(600, 1);
  asked[0]!.response.end('{}');
  await until('the rest are in transit', () => asked.length === 2);
  asked[1]!.response.end('{}');
  await Promise.all([turning, stopping]);
  await clock.advance(60_000);
  assert.deepEqual(
    asked.map(({ names }) => names.length),
    [512, 88],
  );
  assert.equal(new Set(asked.flatMap(({ names }) => names)).size, 600);
  assert.deepEqual([standings, clock.pending()], [[], 0]);
});
