import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LoadstoneEvent } from '../../shared/contracts/event.ts';
import { VirtualClock } from '../../shared/time/virtual-clock.ts';
import { testRegion, testSubstation } from '../dispatch/testing/fixture.ts';
import { LiveState } from '../telemetry/live.ts';
import { SqliteStore } from '../telemetry/sqlite-store.ts';
import { estimateInline } from './compose-compute.ts';
import { EstimateService } from './estimate-service.ts';

const START = Date.UTC(2021, 8, 25, 10);
const STEP_MS = 900_000;

test('who asks is told that a meter is found by its history before the first reading, and that it reads again', async () => {
  const clock = new VirtualClock(START);
  const live = new LiveState();
  const store = new SqliteStore({ path: ':memory:' });
  await store.open();
  const series = { gateway: 'owd-01', device: 'transformer', metric: 'activePowerKw' } as const;
  await store.write(
    Array.from({ length: 2 * 96 }, (_, step) => ({
      series,
      time: START - (step + 1) * STEP_MS,
      offset: step,
      value: 0,
      quality: 'good' as const,
      origin: 'measured' as const,
    })),
  );
  const region = {
    ...testRegion('owd'),
    substations: [
      {
        ...testSubstation('owd'),
        meters: [{ kind: 'transformer' as const, element: 'owd-t1', device: 'transformer', errorPct: 1, intervalS: 1 }],
      },
    ],
  };
  const told: (readonly [gateway: string, findings: readonly string[]])[] = [];
  const events: LoadstoneEvent[] = [];
  const service = new EstimateService({
    region,
    clock,
    live,
    store,
    compute: estimateInline(region),
    everyS: 1,
    onEvent: (_gateway, event) => events.push(event),
    onFindings: (gateway) =>
      told.push([gateway, service.findingsOfGateway(gateway).map(({ device, finding }) => `${device} ${finding}`)]),
  });
  await service.start();
  assert.deepEqual(told, [['owd-01', ['transformer dead']]]);
  for (const kw of [0, 0, 900, 905]) {
    const value = { metric: 'activePowerKw', value: kw, quality: 'good', origin: 'measured' } as const;
    const time = clock.plant.now();
    live.apply('owd-01', { device: 'transformer', time, values: [value] }, { receivedAt: time, historical: false });
    await clock.advance(1000);
  }
  assert.deepEqual(told.slice(1), [['owd-01', []]]);
  assert.deepEqual(
    events.map(({ code, active }) => [code, active]),
    [
      ['LS-METER-001', true],
      ['LS-METER-001', false],
    ],
  );
  service.stop();
  await store.close();
});
