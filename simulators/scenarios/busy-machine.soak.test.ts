import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { test } from 'node:test';
import type { AlarmView } from '../../shared/contracts/alarm.ts';
import { until } from '../../shared/testing/until.ts';
import { plantStartMs } from '../plant/region-plant.ts';
import { plantSpecs } from '../region/inputs.ts';
import { buildRegion } from '../region/region.ts';
import { contradicted } from '../truth/standing-alarms.ts';
import { leftPlant } from './testing/left-plant.ts';
import { withDemo, type RunningDemo } from './testing/running-demo.ts';

const SUBSTATIONS = ['owd', 'wwf'] as const;
const GATEWAYS = SUBSTATIONS.map((id) => `${id}-01`);
/** Reads its devices over Modbus. */
const STARVED = 'wwf-01';
const HOGS = 2;
/** Longest age of a value on the overview: two estimate periods at full speed, after which plant time waits for the next estimate. */
const OLDEST_MS = 2 * 60_000;
/** The starved gateway alternately runs and waits for this long, ms. */
const TURN = { runsMs: 300, waitsMs: 700 };
const CYCLES = 240;

const readings = (demo: RunningDemo) => Promise.all(GATEWAYS.map((id) => demo.atSite(id)));

test('on a busy machine plant time slows: values stay fresh, no cycle is missed, no false alarm is raised', async (t) => {
  await withDemo({ substations: SUBSTATIONS }, async (demo) => {
    const ages = await beside(hogs(), () => agesOfShown(demo));
    assert.ok(Math.max(...ages) <= OLDEST_MS, `up to ${Math.max(...ages) / 1000} s old while models are trained`);

    await until('plans are in force at full speed', async () => {
      const all = await Promise.all(GATEWAYS.map((id) => demo.gateway(id)));
      const { clock } = await demo.region();
      return clock.speed === 60 && all.every(({ health }) => health?.plan.inForce === true);
    });
    const before = await readings(demo);
    const standing = await beside([...hogs(), starve(demo)], () => standingAfter(demo, before));
    const after = await readings(demo);
    assert.deepEqual(
      after.map(({ cycle }) => cycle.overruns),
      before.map(({ cycle }) => cycle.overruns),
      'cycles missed',
    );
    const alarms = (await demo.events()).filter(({ kind, active, code }) => {
      return kind === 'alarm' && active === true && /LS-CONTROL-00[45]|LS-GATEWAY/.test(code);
    });
    assert.deepEqual(
      alarms.map(({ source, text }) => `${source}: ${text}`),
      [],
    );
    t.diagnostic(`standing: ${standing.map(({ source, code }) => `${source} ${code}`).join(', ')}`);
    await demo.interrupt();
    const world = { region: buildRegion(SUBSTATIONS), specs: plantSpecs(SUBSTATIONS) };
    assert.deepEqual(contradicted(standing, leftPlant(demo.data, SUBSTATIONS), world), []);
  });
});

/** Age of the oldest value on the overview at each look, ms of plant time, until twenty minutes have been shown. */
async function agesOfShown(demo: RunningDemo): Promise<number[]> {
  const ages: number[] = [];
  const shown = async (): Promise<boolean> => {
    const { clock, substations } = await demo.region();
    const times = substations.map(({ activePowerKw }) => activePowerKw.time ?? undefined);
    if (times.every((time) => time !== undefined)) ages.push(clock.plantTime - Math.min(...times));
    return ages.length > 0 && clock.plantTime > plantStartMs + 20 * 60_000;
  };
  await until('twenty minutes of plant time with both substations shown', shown, { withinS: 900 });
  return ages;
}

/** The active alarms once each gateway has run its cycles more slowly than requested. */
async function standingAfter(demo: RunningDemo, before: Awaited<ReturnType<typeof readings>>): Promise<AlarmView[]> {
  await until('each gateway has run all its cycles', async () => {
    const now = await readings(demo);
    return now.every(({ cycle }, at) => cycle.count - before[at]!.cycle.count >= CYCLES);
  });
  const { clock } = await demo.region();
  assert.ok(clock.speedReached < 0.5 * clock.speed, `${clock.speedReached} of ${clock.speed}`);
  const { items } = await demo.get<{ items: AlarmView[] }>('/v1/alarms');
  return items.filter(({ active }) => active);
}

interface Burden {
  end(): void;
}

async function beside<T>(burdens: readonly Burden[], run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } finally {
    for (const burden of burdens) burden.end();
  }
}

/** Busy loops, each occupying one processor. */
const hogs = (): Burden[] =>
  Array.from({ length: HOGS }, () => {
    const child = spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' });
    return { end: () => void child.kill('SIGKILL') };
  });

/** Stops and continues a gateway's process in turn until ended. */
function starve(demo: RunningDemo): Burden {
  const { pid } = demo.process(STARVED)!;
  let timer: NodeJS.Timeout;
  const turn = (signal: 'SIGSTOP' | 'SIGCONT'): void => {
    process.kill(pid, signal);
    const isStopped = signal === 'SIGSTOP';
    timer = setTimeout(() => turn(isStopped ? 'SIGCONT' : 'SIGSTOP'), isStopped ? TURN.waitsMs : TURN.runsMs);
  };
  turn('SIGSTOP');
  return {
    end: () => {
      clearTimeout(timer);
      process.kill(pid, 'SIGCONT');
    },
  };
}
