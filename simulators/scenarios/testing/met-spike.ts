import assert from 'node:assert/strict';
import { join } from 'node:path';
import { storedPoints } from '../../../cloud/telemetry/testing/stored-points.ts';
import type { EventView } from '../../../shared/contracts/view.ts';
import { until } from '../../../shared/testing/until.ts';
import { headLimits } from '../../region/region.ts';
import type { RunningDemo } from './running-demo.ts';

const GATEWAY = 'owd-01';
const FEEDER = 'owd-2';
const HEAD = 'feeder-2';
/** Plant time per cycle at the speed in force when the spike comes; the demo slows down afterwards. */
const CYCLE_MS = 1000;

/** The spike ends while plant time is still slow, so that what follows in this region is free of it. */
const SPIKE_S = 60;

interface Accepted {
  /** ISO 8601. */
  readonly acceptedAt: string;
}

/**
 * A spike takes a feeder head past its limit: the guard relieves it within two cycles of the first measurement past the limit, under the
 * plan in force, and a new plan follows. Plant time runs slowly for two minutes afterwards.
 */
export async function meetsASpike(demo: RunningDemo): Promise<void> {
  const before = await until('a plan is in force and the guard is idle', async () => {
    const { health } = await demo.gateway(GATEWAY);
    const view = await demo.feeder(FEEDER);
    const head = view.head.activePowerKw.value;
    return health?.plan.inForce === true && head !== null && health.cycle.count > 600
      ? { health, head, record: await demo.plan(FEEDER) }
      : undefined;
  });
  const without = await demo.post('/v1/simulation/events', spike(100), 'none');
  assert.equal(without.status, 401, 'a spike needs the token');

  // A single spike can at most double the load, so several of them bring the head well past its limit.
  const share = (1.15 * headLimits.importKw) / before.head - 1;
  const times = Math.ceil(share);
  const accepted: number[] = [];
  for (let each = 0; each < times; each++) {
    const answer = await demo.post('/v1/simulation/events', spike((100 * share) / times));
    assert.ok(answer.ok, `${answer.status}`);
    accepted.push(Date.parse(((await answer.json()) as Accepted).acceptedAt));
  }
  await until('plant time slows to 1', async () => (await demo.region()).clock.speedReached < 5);

  const relief = await until('the guard relieves the feeder head', async () =>
    (await demo.events()).find((event) => isRelief(event) && event.time >= accepted[0]!),
  );
  const measured = await until('a measurement past the limit is stored', () => firstPastLimit(demo, accepted[0]!));
  assert.ok(relief.time <= measured + 2 * CYCLE_MS, `${relief.time - measured} ms after the measurement`);
  assert.ok(await inForceAt(demo, relief.time), 'the plan was in force when the guard acted');

  await until('a new plan follows because of the spike', async () => {
    const { document, plan } = await demo.plan(FEEDER);
    const newer = document.sequence > before.record.document.sequence && document.issuedAt > relief.time;
    // A scheduled plan may come in between.
    return newer && /spike|assumption-failed/.test(plan.trigger);
  });
}

/** Time of the first measurement past the limit from `from` on; undefined until it is stored. */
function firstPastLimit(demo: RunningDemo, from: number): number | undefined {
  const times = storedPoints(join(demo.data, 'cloud', 'telemetry.sqlite'), GATEWAY)
    .filter(({ device, metric }) => device === HEAD && metric === 'activePowerKw')
    .filter(({ time, value }) => time >= from && value > headLimits.importKw)
    .map(({ time }) => time);
  return times.length === 0 ? undefined : Math.min(...times);
}

const spike = (percent: number): object => ({ kind: 'spike', feeder: FEEDER, percent, durationS: SPIKE_S });

const isRelief = ({ source, code, text }: EventView): boolean =>
  source === GATEWAY && code === 'guard.relief' && text.startsWith(HEAD);

/** Whether the plan was in force at `time`: a plan had been applied, and the last rung change before was to `plan`. */
async function inForceAt(demo: RunningDemo, time: number): Promise<boolean> {
  const own = (await demo.events()).filter(({ source, time: at }) => source === GATEWAY && at <= time);
  const rungs = own.filter(({ code }) => code === 'gateway.rung');
  const applied = own.filter(({ code }) => code === 'plan.applied');
  const left = rungs.at(-1);
  return applied.length > 0 && (left === undefined || left.text.endsWith('to plan'));
}
