import { meanAbsolute, originsOf } from '../../shared/forecast/evaluate.ts';
import { forecastTasks } from '../../cloud/forecast/serve/forecast-tasks.ts';
import { encodeFrame } from '../../shared/codec/sparkplug.ts';
import { averaged } from '../../shared/federated/average.ts';
import { decodeDelta, DELTA_BYTES, deltaOf, encodeDelta, type DeltaRules } from '../../shared/federated/delta.ts';
import { fineTune, freshNetwork, NETWORK_WEIGHTS, predictNetwork } from '../../shared/federated/network.ts';
import { epsilonOf } from '../../shared/federated/privacy.ts';
import { scaleFreeSample, type ScaleFreeSample } from '../../shared/federated/scale-free.ts';
import { LocalCalendar } from '../../shared/forecast/calendar.ts';
import { FeatureSource } from '../../shared/forecast/features.ts';
import { baselineForecast } from '../../shared/forecast/naive.ts';
import { GATEWAY_QUANTILES } from '../../shared/forecast/quantiles.ts';
import { bandOf, Scorer, type Score } from '../../shared/forecast/score.ts';
import type { LoadSeries } from '../../shared/forecast/series.ts';
import { unwrap } from '../../shared/outcome/outcome.ts';
import { SeededRandom } from '../../shared/ports/random.ts';
import { loadSeries, seriesStartMs } from '../data/series.ts';
import type { BenchOptions } from './options.ts';
import { rateOf } from '../../cloud/forecast/registry/federated/round.ts';
import { GATEWAY_RECIPE } from '../../cloud/forecast/train/recipe.ts';

const SCHEMA = { steps: 96, stepS: 900, weather: false };
const ZONE = 'Europe/Amsterdam';
const DAY = 96;
/** The last weeks are held out for the test: nothing is learnt or chosen from them. */
const TEST_DAYS = 28;
const CLIP = 1;
/** Learning rate of centralised training. */
const RATE = 2e-3;
const PRIVACY_DELTA = 1e-5;
/** The longest report interval of telemetry, for a value that does not change, s. */
const SLOWEST_REPORT_S = 60;
/** One noise level that still leaves something to learn, and one whose privacy budget protects. */
const NOISES = [0.02, 4.7];

interface Place {
  readonly id: string;
  readonly load: LoadSeries;
  /** First index of the test period. */
  readonly from: number;
  readonly sample: ScaleFreeSample;
  readonly origins: readonly { readonly next: number; readonly row: Float32Array }[];
}

interface Work {
  readonly rounds: number;
  readonly rowsPerEpoch: number;
  readonly stride: number;
}

type Weights = (place: number) => Float32Array;

/**
 * The ten shipped substations: what it costs in accuracy to keep loads at the gateways, against centralised and local training, and the
 * bytes sent. All arms see the same days, without weather.
 */
export async function run({ say, quick }: BenchOptions): Promise<Record<string, unknown>> {
  const work = quick ? { rounds: 4, rowsPerEpoch: 4000, stride: 95 } : { rounds: 10, rowsPerEpoch: 20_000, stride: 19 };
  const places = loadSeries().map(({ id, netKw }) => placeOf(id, netKw, work.stride));
  const arms: Record<string, readonly Score[]> = {};
  const add = (name: string, scores: readonly Score[]): void => {
    arms[name] = scores;
    const { nMae, pinball, coverage80 } = meanOf(scores);
    say(`${name.padEnd(28)} nMAE ${nMae.toFixed(4)}, pinball ${pinball.toFixed(4)}, coverage ${coverage80.toFixed(2)}`);
  };
  add('seasonalNaive', places.map(naive));
  const network = (name: string, weights: Weights): void =>
    add(
      name,
      places.map((place, i) => scored(place, (row) => predictNetwork(weights(i), row, SCHEMA))),
    );
  const local = places.map((place, i) => alone(place.sample, work, i));
  network('localAlone', (i) => local[i]!);
  const federated = rounds(places, work, { clip: CLIP, noiseMultiplier: 0 });
  network('federated', () => federated);
  const central = together(places, work);
  network('central', () => central);
  add('centralRecipe', await recipe(places, quick));
  const noise = [];
  for (const noiseMultiplier of quick ? [] : NOISES) {
    const name = `federatedNoise${noiseMultiplier}`;
    const weights = rounds(places, work, { clip: CLIP, noiseMultiplier });
    network(name, () => weights);
    const terms = { rounds: work.rounds, noiseMultiplier, delta: PRIVACY_DELTA };
    noise.push({
      noiseMultiplier,
      arm: name,
      delta: PRIVACY_DELTA,
      epsilonTowardsTheCloud: epsilonOf(terms),
      epsilonOfTheModel: epsilonOf({ ...terms, averagedOver: places.length }),
    });
  }
  return {
    protocol: `15 min, 24 h ahead, gateway quantiles, no weather; trained on ${places[0]!.from / DAY} days, tested on the last ${TEST_DAYS}`,
    work,
    mean: Object.fromEntries(Object.entries(arms).map(([name, scores]) => [name, meanOf(scores)])),
    costOfFederation: ratios(arms['federated']!, arms['central']!),
    gainOverAlone: ratios(arms['federated']!, arms['localAlone']!),
    substations: places.map(({ id }, i) => ({
      id,
      ...Object.fromEntries(Object.entries(arms).map(([name, scores]) => [name, scores[i]])),
    })),
    noise,
    bytesPerGateway: bytesOf(places[0]!, work.rounds),
  };
}

function placeOf(id: string, values: Float64Array, stride: number): Place {
  const load = { start: seriesStartMs, stepS: SCHEMA.stepS, values };
  const source = new FeatureSource(SCHEMA, load, new LocalCalendar(ZONE));
  const from = values.length - TEST_DAYS * DAY;
  const origins = originsOf({ load, from, stride }).map((next) => ({ next, row: source.row(next) }));
  return { id, load, from, origins, sample: scaleFreeSample(source, values, { end: from }) };
}

const tune = (
  base: Float32Array,
  sample: ScaleFreeSample,
  options: { rows: number; epochs: number; seed: number; rate: number },
) =>
  fineTune(base, sample, {
    epochs: options.epochs,
    rowsPerEpoch: options.rows,
    rate: options.rate,
    proximal: 0,
    random: new SeededRandom(options.seed, 'bench'),
  });

const alone = (sample: ScaleFreeSample, { rounds: epochs, rowsPerEpoch: rows }: Work, seed: number): Float32Array =>
  tune(freshNetwork(1), sample, { rows, epochs, seed, rate: RATE });

/** Federated rounds as sent over the wire: clipped, noised, quantised to eight bits, accepted or refused, averaged. */
function rounds(places: readonly Place[], work: Work, rules: DeltaRules): Float32Array {
  let base = freshNetwork(1);
  for (let round = 0; round < work.rounds; round++) {
    const parts = places.map(({ id, sample }, i) => {
      const random = new SeededRandom(round, id);
      const weights = tune(base, sample, {
        rows: work.rowsPerEpoch,
        epochs: 1,
        seed: 1000 * round + i,
        rate: rateOf({ round: round + 1, rounds: work.rounds }),
      });
      const bytes = encodeDelta(deltaOf({ base, weights }, rules, random), random);
      return { gateway: id, samples: sample.table.rows, delta: unwrap(decodeDelta(bytes, rules)) };
    });
    base = averaged(base, parts);
  }
  return base;
}

/** The same network and as many passes, with all rows in one place. */
function together(places: readonly Place[], work: Work): Float32Array {
  const { columns } = places[0]!.sample.table;
  const rows = places.reduce((sum, { sample }) => sum + sample.table.rows, 0);
  const values = new Float32Array(rows * columns);
  const targets = new Float64Array(rows);
  let at = 0;
  for (const { sample } of places) {
    values.set(sample.table.values, at * columns);
    targets.set(sample.targets, at);
    at += sample.table.rows;
  }
  const all = { table: { rows, columns, values }, targets };
  return tune(freshNetwork(1), all, {
    rows: places.length * work.rowsPerEpoch,
    epochs: work.rounds,
    seed: 1,
    rate: RATE,
  });
}

/**
 * The models that the cloud trains from a gateway's raw load: the linear member and every further member that its history suffices for, one
 * model per station.
 */
async function recipe(places: readonly Place[], quick: boolean): Promise<Score[]> {
  const scores: Score[] = [];
  for (const { load } of places) {
    const trained = await forecastTasks.trainForecast({
      load,
      schema: SCHEMA,
      zone: ZONE,
      levels: GATEWAY_QUANTILES,
      recipe: { ...GATEWAY_RECIPE, heldBackDays: TEST_DAYS, ...(quick && { members: ['ridge'] }) },
      keepHeldBack: true,
    });
    const { nMae, pinball, coverage80 } = trained.metrics;
    scores.push({ nMae, pinball, coverage80, n: trained.days.reduce((sum, { n }) => sum + n, 0) });
  }
  return scores;
}

function scored({ load, from, origins }: Place, predict: (row: Float32Array) => Float64Array): Score {
  const scorer = new Scorer();
  const count = GATEWAY_QUANTILES.length;
  for (const { next, row } of origins) {
    const output = predict(row);
    each(load, next, (step, actual) =>
      scorer.add(
        actual,
        bandOf(GATEWAY_QUANTILES, (q) => output[step * count + q]!),
      ),
    );
  }
  return scorer.score(meanAbsolute(load.values.subarray(from)));
}

function naive({ load, from, origins }: Place): Score {
  const scorer = new Scorer();
  for (const { next } of origins) {
    const history = { ...load, values: load.values.subarray(Math.max(0, next - 28 * DAY), next) };
    const said = baselineForecast('seasonalNaive', history, { steps: SCHEMA.steps, levels: [0.1, 0.5, 0.9] });
    const [low, mid, high] = said.values;
    each(load, next, (step, actual) =>
      scorer.add(actual, { low: low![step]!, mid: mid![step]!, high: high![step]!, point: said.point[step]! }),
    );
  }
  return scorer.score(meanAbsolute(load.values.subarray(from)));
}

function each({ values }: LoadSeries, next: number, visit: (step: number, actual: number) => void): void {
  for (let step = 0; step < SCHEMA.steps && next + step < values.length; step++) {
    const actual = values[next + step]!;
    if (!Number.isNaN(actual)) visit(step, actual);
  }
}

const meanOf = (scores: readonly Score[]): Pick<Score, 'nMae' | 'pinball' | 'coverage80'> => {
  const mean = (of: (score: Score) => number): number => scores.reduce((sum, one) => sum + of(one), 0) / scores.length;
  return { nMae: mean((s) => s.nMae), pinball: mean((s) => s.pinball), coverage80: mean((s) => s.coverage80) };
};

/** Mean over the substations of one arm's errors divided by another's. */
const ratios = (of: readonly Score[], over: readonly Score[]): Record<'nMae' | 'pinball', number> => {
  const mean = (pick: (score: Score) => number): number =>
    of.reduce((sum, score, i) => sum + pick(score) / pick(over[i]!), 0) / of.length;
  return { nMae: mean((s) => s.nMae), pinball: mean((s) => s.pinball) };
};

/** Payload bytes only, without MQTT and TLS headers. */
function bytesOf({ load, from }: Place, count: number): Record<string, number> {
  const start = load.start;
  const frame = encodeFrame({
    frame: {
      device: 'transformer',
      time: start,
      values: [{ metric: 'activePowerKw', value: 1234.5, quality: 'good', origin: 'measured' }],
    },
    body: { run: 1, offset: 100_000, monotonicMs: 1e8 },
    seq: 1,
    sentAt: start,
    aliasOf: () => 12,
    historical: false,
  });
  const days = from / DAY;
  return {
    federatedUp: count * DELTA_BYTES,
    federatedDown: count * 4 * NETWORK_WEIGHTS,
    /** 15-min means as float32: the minimum that training in the cloud needs. */
    meansUp: 4 * from,
    /** Only the net meter's power, at the longest report interval of telemetry. */
    telemetryUp: (days * 86_400 * frame.length) / SLOWEST_REPORT_S,
  };
}
