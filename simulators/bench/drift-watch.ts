import { JUMP_LIMIT } from '../../cloud/forecast/registry/drift/inputs.ts';
import { jumpIndex } from '../../cloud/forecast/registry/drift/jumps.ts';
import { LIMIT, NO_LOSSES, withLoss } from '../../cloud/forecast/registry/drift/loss-watch.ts';
import { changeOf, referenceOf, stabilityIndex } from '../../cloud/forecast/registry/drift/stability.ts';
import { FIRST_LOOK, TRAINED_DAYS, type World } from './drift-worlds.ts';

/** Maximum of each measure within a year, over its limit. */
export interface Heights {
  readonly jump: number;
  readonly stability: number;
  readonly errors: number;
}

/** Whether any measure exceeded its limit. */
export const alarmed = ({ jump, stability, errors }: Heights): boolean => Math.max(jump, stability, errors) > 1;

export const jumpAt = ({ load, perDay, weather }: World, days: number): number => {
  const until = (values: Float64Array): Float64Array => values.subarray(0, days * perDay);
  return (jumpIndex(until(load), perDay, weather.map(until)) ?? jumpIndex(until(load), perDay) ?? 0) / JUMP_LIMIT;
};

/** Watches a world every `every` days for a year, after training on the first year. */
export function watched(world: World, every: number): Heights {
  const { load, perDay } = world;
  const last = Math.floor(load.length / perDay);
  const references = [load, changeOf(load, perDay)].map((values) => ({
    values,
    reference: referenceOf(values.subarray(0, TRAINED_DAYS * perDay), perDay),
  }));
  let [jump, stability] = [0, 0];
  for (let day = FIRST_LOOK; day <= last; day += every) {
    jump = Math.max(jump, jumpAt(world, day));
    for (const { values, reference } of references) {
      const window = values.subarray((day - 28) * perDay, day * perDay);
      const index = reference === undefined ? undefined : stabilityIndex(reference, window);
      if (reference !== undefined && index !== undefined) stability = Math.max(stability, index / reference.limit);
    }
  }
  return { jump, stability, errors: errorsOf(world) };
}

/**
 * CUSUM of model errors against naive ones. The model is the mean of yesterday and the same weekday of four weeks; the naive forecast is
 * the mean of seven days, as known two days before.
 */
function errorsOf({ load, perDay }: World): number {
  let state = NO_LOSSES;
  let most = 0;
  const at = (i: number, days: readonly number[]): number =>
    days.reduce((sum, back) => sum + load[i - back * perDay]!, 0) / days.length;
  for (let day = TRAINED_DAYS; (day + 1) * perDay <= load.length; day++) {
    let [own, naive] = [0, 0];
    for (let i = day * perDay; i < (day + 1) * perDay; i++) {
      if (Number.isNaN(load[i]!)) continue;
      own += Math.abs(load[i]! - at(i, [1, 7, 14, 21, 28]));
      naive += Math.abs(load[i]! - at(i, [2, 3, 4, 5, 6, 7, 8]));
    }
    state = withLoss(state, own / naive);
    most = Math.max(most, state.sum);
  }
  return most / LIMIT;
}
