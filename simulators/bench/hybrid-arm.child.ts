import { parseArgs } from 'node:util';
import type { RegionPlant } from '../plant/region-plant.ts';
import { startedRegion } from '../plant/region-plant.ts';
import { RegionSim } from '../sim/region-sim.ts';
import { Trace } from '../sim/trace.ts';
import {
  CREW_S,
  dayWorld,
  events,
  HOURS,
  learned,
  SEED,
  SPIKE_S,
  START_MS,
  type Arm,
  type DayEvent,
} from './hybrid-day.ts';
import { Scorer } from './hybrid-score.ts';

/** Runs the day under one control and prints its score as one JSON line; progress goes to stderr. */
const { values } = parseArgs({
  options: { arm: { type: 'string' }, from: { type: 'string', default: '0' }, hours: { type: 'string' } },
});
const arm = values.arm as Arm;
const fromH = Number(values.from);
const hours = Number(values.hours ?? HOURS);
const STEP_S = 1;
const startMs = START_MS + fromH * 3_600_000;
const bites = { relays: true, inverterTrips: true, coldLoad: true, hotSpot: true };
const world = dayWorld();
const score = new Scorer(world.region);
const due = events.filter(({ atH }) => atH >= fromH);
const crews: { readonly feeder: string; readonly atMs: number }[] = [];

/** After each step of the plants: what happens to them, whoever controls them. */
function step(plant: RegionPlant, onLink: (up: boolean) => void): void {
  const now = plant.timeMs;
  while (due.length > 0 && START_MS + due[0]!.atH * 3_600_000 <= now) happen(due.shift()!, plant, onLink);
  for (const feeder of score.step(
    plant.plants.map((each) => each.truth()),
    STEP_S,
  )) {
    process.stderr.write(`${clock(now)} ${feeder} trips\n`);
    crews.push({ feeder, atMs: now + CREW_S * 1000 });
  }
  while (crews[0] !== undefined && crews[0].atMs <= now) {
    const { feeder } = crews.shift()!;
    plant.plants.find(({ id }) => feeder.startsWith(id))!.resetRelay(feeder);
    process.stderr.write(`${clock(now)} ${feeder} is closed again\n`);
  }
}

function happen({ text, what }: DayEvent, plant: RegionPlant, onLink: (up: boolean) => void): void {
  process.stderr.write(`${clock(plant.timeMs)} ${text}\n`);
  if (what.kind === 'link') return onLink(what.up);
  plant.plant(what.substation)!.spike({ feeder: what.feeder, share: what.share, durationS: SPIKE_S });
  score.spike(what.feeder, plant.timeMs);
}

const clock = (ms: number): string => new Date(ms).toISOString().slice(11, 19);
const repeat = (count: number, seconds: number): number[] => Array.from({ length: count }, () => seconds);

async function controlled(): Promise<void> {
  const cloud = arm !== 'edge';
  const links: boolean[] = [];
  const sim: RegionSim = new RegionSim({
    seed: SEED,
    trace: new Trace(undefined, false),
    world,
    startMs,
    stepS: STEP_S,
    bites,
    differs: { impedance: 0.1, loadShare: 0.1 },
    estimateEveryS: 300,
    dispatchEveryS: 900,
    planStepsS: [...repeat(12, 300), ...repeat(24, 900), ...repeat(17, 3600)],
    train: cloud ? learned(world.region) : [],
    history: cloud,
    onStep: () => step(sim.plant, (up) => void links.push(up)),
  });
  await sim.start();
  if (!cloud) sim.killCloud();
  for (let second = 0; second < hours * 3600; second += 60) {
    await sim.run(60);
    for (const up of links.splice(0)) {
      if (up) sim.network.heal();
      else for (const { id } of sim.gateways) await sim.network.partition(id);
    }
    if (second % 3600 === 0) process.stderr.write(`${clock(sim.plant.timeMs)}\n`);
  }
  await sim.stop();
}

if (arm === 'none') {
  const plant = startedRegion(world.specs, { seed: SEED, startMs, bites, differs: { impedance: 0.1, loadShare: 0.1 } });
  for (let second = 0; second < hours * 3600; second += STEP_S) {
    plant.step(STEP_S);
    step(plant, () => undefined);
  }
} else {
  await controlled();
}
process.stdout.write(`${JSON.stringify(score.score())}\n`);
process.exit(0);
