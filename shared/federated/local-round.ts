import type { BaseMetrics, TrainingTask } from '../contracts/federated.ts';
import { LocalCalendar } from '../forecast/calendar.ts';
import { compare, type DayScore } from '../forecast/evaluate.ts';
import { FeatureSource } from '../forecast/features.ts';
import { GATEWAY_QUANTILES } from '../forecast/quantiles.ts';
import { screened, stepsPerDay, type LoadSeries } from '../forecast/series.ts';
import { bad, good, type Outcome } from '../outcome/outcome.ts';
import type { Random } from '../ports/random.ts';
import { deltaOf, encodeDelta } from './delta.ts';
import { fineTune, NETWORK_WEIGHTS, predictNetwork } from './network.ts';
import { scaleFreeSample } from './scale-free.ts';

/** Input of a round at one gateway: plain values that can be sent to a child process. */
export interface LocalRound {
  readonly task: TrainingTask;
  readonly base: Float32Array;
  /** 15-min means of the gateway's uncontrolled load, kW. They never leave the gateway. */
  readonly load: LoadSeries;
  readonly zone: string;
}

export interface LocalResult {
  /** Range of the load used for training, ms UTC. */
  readonly learntFrom: number;
  readonly learntTo: number;
  readonly samples: number;
  /** The clipped, noised delta in eight bits per weight; null if the task has no epochs. */
  readonly update: Uint8Array | null;
  readonly metrics: BaseMetrics;
  readonly days: readonly DayScore[];
}

export const NETWORK_SCHEMA = { steps: 96, stepS: 900, weather: false } as const;
const LEAST_KNOWN_DAYS = 28;
/** Coprime with the steps of a day, so the origins cover all times of day. */
const ORIGIN_STRIDE = 19;

/** Trains and scores. LS-FED-005: fewer than four weeks of load are known; LS-FED-001, -002: the base is not a valid network. */
export async function localRound(
  { task, base, load: measured, zone }: LocalRound,
  random: Random,
): Promise<Outcome<LocalResult>> {
  if (base.length !== NETWORK_WEIGHTS)
    return bad('LS-FED-001', `the base has ${base.length} weights instead of ${NETWORK_WEIGHTS}`);
  if (base.some((weight) => !Number.isFinite(weight))) return bad('LS-FED-002', 'the base is not finite');
  // Drops the readings of a dead or frozen meter.
  const load = screened(measured).series;
  const day = stepsPerDay(load.stepS);
  const known = load.values.reduce((sum, value) => sum + (Number.isNaN(value) ? 0 : 1), 0) / day;
  if (known < LEAST_KNOWN_DAYS)
    return bad('LS-FED-005', `${Math.floor(known)} days of load are known; ${LEAST_KNOWN_DAYS} are needed`);
  const from = load.values.length - task.heldBackDays * day;
  const common = { load, schema: NETWORK_SCHEMA, zone, levels: GATEWAY_QUANTILES };
  const compared = await compare({ ...common, from, stride: ORIGIN_STRIDE }, (row) =>
    predictNetwork(base, row, NETWORK_SCHEMA),
  );
  const { model, baselines, days } = compared;
  const timeOf = (index: number): number => load.start + index * load.stepS * 1000;
  const at = (index: number): string => new Date(timeOf(index)).toISOString().slice(0, 16);
  const metrics = {
    window: `${at(from)}Z/${at(load.values.length)}Z`,
    nMae: model.nMae,
    pinball: model.pinball,
    coverage80: model.coverage80,
    seasonalNaiveNMae: baselines.seasonalNaive.nMae,
    seasonalNaivePinball: baselines.seasonalNaive.pinball,
  };
  if (days.length === 0) return bad('LS-FED-005', `no load is known in the last ${task.heldBackDays} days`);
  const first = load.values.findIndex((value) => !Number.isNaN(value));
  const learnt = { learntFrom: timeOf(first), learntTo: timeOf(from) };
  if (task.epochs === 0) return good({ ...learnt, samples: 0, update: null, metrics, days });
  const source = new FeatureSource(NETWORK_SCHEMA, load, new LocalCalendar(zone));
  const sample = scaleFreeSample(source, load.values, { end: from });
  if (sample.table.rows === 0) return bad('LS-FED-005', 'no training rows before the held-back days');
  const weights = fineTune(base, sample, { ...task, random });
  const update = encodeDelta(deltaOf({ base, weights }, task, random), random);
  return good({ ...learnt, samples: sample.table.rows, update, metrics, days });
}
