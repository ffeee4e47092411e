import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HealthReport } from '../../shared/contracts/report.ts';
import { VirtualClock } from '../../shared/time/virtual-clock.ts';
import { GatewayBook } from './gateway-book.ts';
import { UnheardGateways } from './unheard-gateways.ts';

const MINUTE_MS = 60_000;

test('only a gateway that was up before a broker outage and is silent for five minutes after it counts as lost', async () => {
  const clock = new VirtualClock(Date.UTC(2027, 0, 15));
  const gateways = new GatewayBook();
  const lost: string[] = [];
  const unheard = new UnheardGateways({ plant: clock.plant, gateways, onLost: (id) => void lost.push(id) });
  const report = (id: string): void =>
    gateways.reported(id, { report: {} as HealthReport, receivedAt: clock.plant.now(), heardMs: 0 });
  for (const id of ['silent', 'tells', 'reborn', 'dead', 'dies']) gateways.born(id, clock.plant.now());
  for (const id of ['silent', 'tells']) report(id);
  gateways.died('dead', clock.plant.now());
  await clock.advance(MINUTE_MS);
  unheard.look();
  await clock.advance(MINUTE_MS);
  // The broker was down again: the five minutes count from its last return.
  unheard.look();
  await clock.advance(2 * MINUTE_MS);
  report('tells');
  gateways.died('reborn', clock.plant.now());
  gateways.born('reborn', clock.plant.now());
  gateways.died('dies', clock.plant.now());
  await clock.advance(2.5 * MINUTE_MS);
  assert.deepEqual(lost, []);
  await clock.advance(MINUTE_MS);
  assert.deepEqual(lost, ['silent']);
  unheard.look();
  unheard.stop();
  await clock.advance(10 * MINUTE_MS);
  assert.deepEqual(lost, ['silent']);
});
