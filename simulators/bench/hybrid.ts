import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { arms, events, HOURS, SEED, type Arm } from './hybrid-day.ts';
import type { DayScore } from './hybrid-score.ts';
import type { BenchOptions } from './options.ts';

/** Evening alone: spikes, the region's limit, the dead links. */
const QUICK = ['--from=11', '--hours=5'];
/** Cloud alone: the same gateway carries out plans, but its guard has no device to move. */
const NO_GUARD = [
  {
    file: 'edge/cycle/step.ts',
    find: 'guard(limits, levers, before ?? state.guard, { ...cycle, spare })',
    replace: 'guard(limits, [], before ?? state.guard, cycle)',
  },
];
const hook = join(import.meta.dirname, '..', 'simulate', 'testing', 'mutate.mjs');

/**
 * What the project is for, in numbers: one hard day of the record at two substations on virtual time from one seed, under no
 * control, by the edge alone (it never hears of a cloud), by the cloud alone (plans are followed to the letter), and by both. The
 * plant differs from the model by 10 % in impedances and shares of load; relays, inverters and the transformer's winding protect
 * themselves. Each arm is scored by the truth of the plant. The baseline is the better of the two that stand alone, figure by figure.
 */
export async function run({ say, quick }: BenchOptions): Promise<Record<string, unknown>> {
  const queue = [...arms];
  const scores: Partial<Record<Arm, DayScore>> = {};
  const hand = async (): Promise<void> => {
    for (let arm = queue.pop(); arm !== undefined; arm = queue.pop()) scores[arm] = await runArm(arm, { say, quick });
  };
  await Promise.all([hand(), hand()]);
  const { none, edge, cloud, hybrid } = scores as Record<Arm, DayScore>;
  const best = (
    figure: 'feederTrips' | 'interruptedKwh' | 'headOverMinutes' | 'regionOverMinutes' | 'costEur',
  ): number => Math.min(edge[figure], cloud[figure]);
  return {
    seed: SEED,
    hours: quick ? 5 : HOURS,
    day: events.map(({ text }) => text),
    figures: hybrid,
    baseline: { none, edge, cloud },
    ratio: hybrid.costEur / best('costEur'),
    betterThanEither: {
      feederTrips: hybrid.feederTrips <= best('feederTrips'),
      interruptedKwh: hybrid.interruptedKwh <= best('interruptedKwh'),
      headOverMinutes: hybrid.headOverMinutes <= best('headOverMinutes'),
      regionOverMinutes: hybrid.regionOverMinutes <= best('regionOverMinutes'),
      costEur: hybrid.costEur <= best('costEur'),
    },
    units: 'min and kWh of plant time; EUR at the prices of profile dso',
  };
}

async function runArm(arm: Arm, { say, quick }: Pick<BenchOptions, 'say' | 'quick'>): Promise<DayScore> {
  const child = spawn(
    process.execPath,
    [
      '--disable-warning=ExperimentalWarning',
      ...(arm === 'cloud' ? [`--import=${hook}`] : []),
      join(import.meta.dirname, 'hybrid-arm.child.ts'),
      `--arm=${arm}`,
      ...(quick ? QUICK : []),
    ],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...(arm === 'cloud' ? { LOADSTONE_MUTATION: JSON.stringify(NO_GUARD) } : {}) },
    },
  );
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  for await (const line of createInterface({ input: child.stderr })) say(`${arm.padEnd(6)} ${line}`);
  const code = await ended;
  if (code !== 0) throw new Error(`the day under "${arm}" ended with ${code ?? 'a signal'}`);
  return JSON.parse(out) as DayScore;
}
