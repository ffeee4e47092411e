import type { TrainingReport } from '../../../../shared/contracts/federated.ts';
import type { RegionSubstation } from '../../../../shared/contracts/region.ts';
import { LocalCalendar } from '../../../../shared/forecast/calendar.ts';
import { FeatureSource } from '../../../../shared/forecast/features.ts';
import { GATEWAY_QUANTILES } from '../../../../shared/forecast/quantiles.ts';
import { NETWORK_SCHEMA } from '../../../../shared/federated/local-round.ts';
import { rawQuantiles } from '../../../../shared/federated/network.ts';
import { SeededRandom } from '../../../../shared/ports/random.ts';
import { rounded } from '../manifest-facts.ts';
import { bundleOf, type ModelBundle } from '../bundle.ts';
import { federatedGraph } from '../federated-graph.ts';

/** Multiple of the transformer's limits beyond which a value is not a plausible forecast. */
const RANGE = 3;
const HISTORY_DAYS = 9;

/**
 * A gateway's model from the shared network. Only the losses that the gateway reported were measured there: its range is derived from the
 * transformer, its parity vector from a synthetic load.
 */
export function federatedBundle(
  weights: Float32Array,
  { id, limits }: Pick<RegionSubstation, 'id' | 'limits'>,
  { report, createdAt }: { readonly report: TrainingReport; readonly createdAt: number },
): ModelBundle {
  const input = [...madeUpRow()];
  const { metrics } = report;
  return bundleOf(
    {
      onnx: federatedGraph(weights, NETWORK_SCHEMA),
      schema: NETWORK_SCHEMA,
      levels: GATEWAY_QUANTILES,
      trainedFrom: report.learntFrom,
      trainedUpTo: report.learntTo,
      metrics: {
        window: metrics.window,
        nMae: rounded(metrics.nMae),
        pinball: rounded(metrics.pinball),
        coverage80: rounded(metrics.coverage80),
        seasonalNaiveNMae: rounded(metrics.seasonalNaiveNMae),
        seasonalNaivePinball: rounded(metrics.seasonalNaivePinball),
      },
      members: { federated: 1 },
      outputRange: { minKw: Math.floor(-RANGE * limits.exportKw - 1), maxKw: Math.ceil(RANGE * limits.importKw + 1) },
      parity: { input, output: [...rawQuantiles(weights, Float32Array.from(input), NETWORK_SCHEMA)].map(significant) },
    },
    { target: `substation:${id}`, substation: id, role: 'gateway', createdAt },
  );
}

const significant = (value: number): number => Number(value.toPrecision(6));

function madeUpRow(): Float32Array {
  const random = new SeededRandom(1, 'parity');
  const values = Float64Array.from(
    { length: HISTORY_DAYS * 96 },
    (_, i) => 500 + 200 * Math.sin((i / 96) * 2 * Math.PI) + 50 * random.next(),
  );
  const load = { start: 0, stepS: NETWORK_SCHEMA.stepS, values };
  return new FeatureSource(NETWORK_SCHEMA, load, new LocalCalendar('UTC'))
    .row(values.length)
    .map((value) => significant(value));
}
