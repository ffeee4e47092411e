import type { Fit } from './fit.ts';
import { dot } from './gain.ts';
import { VOLTAGE_SHARE } from './inputs.ts';
import type { EstimateModel } from './model.ts';
import { voltageOutput } from './rows.ts';
import type { NextMeter } from './state.ts';

const SHOWN = 3;
/** Buses examined, those of the largest error: the cost grows with their number. */
const MOST_EXAMINED = 100;
/** Error of the new meter, % of reading, if neither a head nor the transformer has one. */
const ERROR_PCT = 0.5;

/**
 * The buses where one more voltage meter, as exact as those at the feeder heads, would lower the error most, best first. It takes from
 * each bus's variance the square of their covariance over its own (a rank-one update).
 */
export function nextMeters(model: EstimateModel, best: Fit): NextMeter[] {
  const { grid, feeders, feederOfBus, substation, transformerMeter } = model;
  const buses = [...feederOfBus.keys()]
    .filter((bus) => feederOfBus[bus]! >= 0 && grid.busNode[bus]! >= 0)
    .map((bus) => {
      const row = best.row(voltageOutput(model, bus));
      const weighted = row.map((each, at) => each * best.variances[at]!);
      const explained = best.explained(row);
      const variance = Math.max(0, dot(weighted, row) - dot(explained, explained));
      return { bus, id: grid.busIds[bus]!, row, weighted, explained, variance };
    });
  const total = buses.reduce((sum, { variance }) => sum + variance, 0);
  if (!(total > 0)) return [];
  const like = feeders.find(({ meter }) => meter !== undefined)?.meter ?? transformerMeter;
  const errorShare = ((like?.errorPct ?? ERROR_PCT) * VOLTAGE_SHARE) / 100;
  const metered = new Set(substation.meters.map(({ element }) => element));
  return buses
    .filter(({ id }) => !metered.has(id))
    .toSorted((a, b) => b.variance - a.variance)
    .slice(0, MOST_EXAMINED)
    .map(({ bus, id, row, explained, variance }) => {
      const seen = variance + (best.solution.vmPu[bus]! * errorShare) ** 2;
      const taken = buses.reduce(
        (sum, other) => sum + (dot(other.weighted, row) - dot(other.explained, explained)) ** 2 / seen,
        0,
      );
      const left = Math.max(0, total - taken);
      return {
        bus: id,
        errorPu: Math.sqrt(left / buses.length),
        reductionPct: 100 * (1 - Math.sqrt(left / total)),
      };
    })
    .toSorted((a, b) => b.reductionPct - a.reductionPct)
    .slice(0, SHOWN);
}
