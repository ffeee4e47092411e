import { finite, type Image } from '../../edge/control/image.ts';
import { freeKw, reliefCost, setpointOf, type DeviceSpec } from '../../edge/control/model.ts';
import type { Setpoint } from '../../edge/control/setpoint.ts';
import { elementId } from '../../edge/control/plan-follower.ts';
import type { Controller, GuardWorld } from './guard-world.ts';

/** Step per cycle towards the cost optimum and towards the limits, 0 to 1. */
export interface RivalTuning {
  readonly gain: number;
  readonly back: number;
}

/** The tunings tried on cases that are not scored. */
export const rivalTunings: readonly RivalTuning[] = [0.25, 0.4, 0.6, 0.9].flatMap((gain) =>
  [0.02, 0.1, 0.3].map((back) => ({ gain, back })),
);

const SWEEPS = 60;
const MARGIN = 0.01;

interface Lever {
  readonly spec: DeviceSpec;
  readonly kind: 'p' | 'q';
  readonly low: number;
  readonly high: number;
  readonly wish: number;
  /** Cost of a deviation: the metric of the projection. */
  readonly weight: number;
}

interface Row {
  /** Remaining room in this cycle, in the unit of the row. */
  readonly room: number;
  readonly reach: readonly number[];
}

/**
 * A projected-gradient feedback optimiser. Each cycle steps along the gradient of its cost, projected onto the measured limits and the
 * levers' ranges with the same sensitivities as the guard (Haberle, Hauswirth, Ortmann, Bolognani, Dorfler, IEEE L-CSS 5, 2021).
 */
export class ProjectedGradient implements Controller {
  readonly #tuning: RivalTuning;
  readonly #commanded = new Map<string, number>();

  constructor(tuning: RivalTuning) {
    this.#tuning = tuning;
  }

  decide(world: GuardWorld, image: Image): ReadonlyMap<string, Setpoint> {
    const levers = leversOf(world, image);
    const commanded = levers.map((lever) => this.#commanded.get(keyOf(lever)) ?? lever.wish);
    const rows = rowsOf(world, image, levers);
    const { gain, back } = this.#tuning;
    const wanted = levers.map(({ wish }, at) => back * (wish - commanded[at]!));
    const lows = levers.map(({ low }, at) => low - commanded[at]!);
    const highs = levers.map(({ high }, at) => high - commanded[at]!);
    const moves = project({
      levers,
      rows: rows.map((row) => ({ ...row, room: gain * row.room })),
      wanted,
      lows,
      highs,
    });
    const setpoints = new Map<string, Setpoint>();
    for (const [at, lever] of levers.entries()) {
      const value = commanded[at]! + moves[at]!;
      this.#commanded.set(keyOf(lever), value);
      const { id, lever: kind } = lever.spec;
      const part: Setpoint = lever.kind === 'p' ? setpointOf(kind, value) : { reactivePowerKvar: value };
      setpoints.set(id, { ...setpoints.get(id), ...part });
    }
    return setpoints;
  }
}

const keyOf = ({ spec, kind }: Lever): string => `${spec.id}:${kind}`;

function leversOf({ site, case: { levers } }: GuardWorld, image: Image): Lever[] {
  return site.specs.flatMap((spec): Lever[] => {
    const live = image.devices.get(spec.id);
    if (spec.lever === 'none' || live?.fresh !== true || levers?.includes(spec.id) === false) return [];
    const { minKw, maxKw } = spec.rating;
    const does = live.activePowerKw ?? 0;
    // An import limit relieves from the device's present power; a higher limit has no effect.
    const high = spec.lever === 'import-limit' ? Math.max(spec.floorKw, does) : maxKw;
    const low =
      spec.lever === 'import-limit' ? spec.floorKw : spec.lever === 'export-limit' ? Math.min(does, 0) : minKw;
    const wish = spec.lever === 'import-limit' ? high : spec.lever === 'export-limit' ? low : freeKw(spec);
    const scale = Math.max(1, maxKw - minKw);
    const active: Lever = { spec, kind: 'p', low, high, wish, weight: reliefCost(spec) / scale };
    const most = spec.maxReactiveKvar;
    return most <= 0 ? [active] : [active, { spec, kind: 'q', low: -most, high: most, wish: 0, weight: 0.2 / scale }];
  });
}

function rowsOf({ site, plan }: GuardWorld, image: Image, levers: readonly Lever[]): Row[] {
  const { substation, watched } = plan.body;
  return watched.flatMap(({ element, quantity, perKw, perKvar }): Row[] => {
    const id = elementId(element, substation);
    const limits = site.elements.find((each) => each.id === id);
    const spec = site.specs.find((each) => each.id === id);
    const reach = levers.map(({ spec: { id: device }, kind }) => (kind === 'p' ? perKw : perKvar)[device] ?? 0);
    const turned = reach.map((each) => -each);
    if (quantity === 'activePowerKw' && limits !== undefined) {
      const kw = image.elements.get(id)?.activePowerKw;
      const { minKw, maxKw } = limits.range;
      const margin = MARGIN * Math.max(Math.abs(minKw), Math.abs(maxKw));
      if (!finite(kw)) return [];
      return [
        { room: maxKw - margin - kw, reach },
        { room: kw - minKw - margin, reach: turned },
      ];
    }
    const pu = image.devices.get(id)?.voltagePu;
    if (quantity !== 'voltagePu' || !finite(pu) || spec === undefined || spec.voltageBand === null) return [];
    const [low, high] = spec.voltageBand;
    return [
      { room: high - pu, reach },
      { room: pu - low, reach: turned },
    ];
  });
}

interface Projection {
  readonly levers: readonly Lever[];
  readonly rows: readonly Row[];
  readonly wanted: readonly number[];
  readonly lows: readonly number[];
  readonly highs: readonly number[];
}

/** The move nearest to the wanted one, in the metric of costs, that keeps rows and ranges: dual coordinate ascent by bisection. */
function project({ levers, rows, wanted, lows, highs }: Projection): number[] {
  const prices = rows.map(() => 0);
  const move = (): number[] =>
    levers.map(({ weight }, at) => {
      const pull = rows.reduce((sum, { reach }, row) => sum + prices[row]! * reach[at]!, 0);
      return Math.max(lows[at]!, Math.min(highs[at]!, wanted[at]! - pull / weight));
    });
  const over = (row: number): number => {
    const moves = move();
    return rows[row]!.reach.reduce((sum, reach, at) => sum + reach * moves[at]!, 0) - rows[row]!.room;
  };
  for (let sweep = 0; sweep < 3; sweep++) {
    for (const row of rows.keys()) {
      prices[row] = 0;
      if (over(row) <= 0) continue;
      let [low, high] = [0, 1e-6];
      while (high < 1e6) {
        prices[row] = high;
        if (over(row) <= 0) break;
        [low, high] = [high, high * 8];
      }
      for (let each = 0; each < SWEEPS / 2; each++) {
        prices[row] = (low + high) / 2;
        if (over(row) > 0) low = prices[row];
        else high = prices[row];
      }
      prices[row] = high >= 1e6 ? 1e6 : high;
    }
  }
  return move();
}
