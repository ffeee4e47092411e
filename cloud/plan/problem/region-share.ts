import type { ShareKw } from '../../../shared/contracts/share-schedule.ts';
import type { Quantiles } from './series.ts';

/** Expected power of a substation, kW per step, with the corners of its forecast; load convention. */
export interface Expected {
  readonly substation: string;
  readonly net: Quantiles;
  /** Its weight in the distribution of the rest: its transformer's rating. */
  readonly weight: number;
}

/** Magnitudes, kW per step. */
export interface Share {
  readonly importKw: number[];
  readonly exportKw: number[];
  /**
   * The part of a substation's own error that others are not expected to have at the same time: its corners may exceed its share by this.
   */
  readonly importReliefKw: number[];
  readonly exportReliefKw: number[];
  /** Expected power of the substation; undefined: unknown. */
  readonly net: Quantiles | undefined;
}

/** The same share in all steps. */
export function flatShare({ importKw, exportKw }: ShareKw, steps: number): Share {
  const all = (kw: number): number[] => Array.from({ length: steps }, () => kw);
  return {
    importKw: all(importKw),
    exportKw: all(exportKw),
    importReliefKw: all(0),
    exportReliefKw: all(0),
    net: undefined,
  };
}

/**
 * Shares the region's limit among its substations. Each gets its expected power, a part of the region's error margin by its own error, and
 * a part of the rest by rating. If the limit is too low, the shortfall is shared the same way. Shares sum to the limit. The region's error
 * comes from its own forecast, made from joint paths; the substations' errors are summed only if `region` is undefined.
 */
export function shareOut(
  limits: ShareKw,
  expected: readonly Expected[],
  region: Quantiles | undefined,
): Map<string, Share> {
  const whole = expected.reduce((sum, { weight }) => sum + weight, 0);
  const steps = expected[0]?.net.mid.length ?? 0;
  const shares = new Map<string, Share>(
    expected.map(({ substation, net }) => [
      substation,
      { importKw: [], exportKw: [], importReliefKw: [], exportReliefKw: [], net },
    ]),
  );
  for (let step = 0; step < steps; step++) {
    const net = expected.reduce((sum, each) => sum + each.net.mid[step]!, 0);
    const [up, down] = [rise, fall].map((error) => {
      const added = expected.reduce((sum, each) => sum + error(each.net, step), 0);
      const joint = Math.min(added, region === undefined ? added : error(region, step));
      return { joint, part: added > 0 ? joint / added : 1 };
    }) as [JointError, JointError];
    for (const { substation, net: own, weight } of expected) {
      const rating = weight / whole;
      const share = shares.get(substation)!;
      const [more, less] = [rise(own, step), fall(own, step)];
      share.importKw.push(own.mid[step]! + up.part * more + rating * (limits.importKw - net - up.joint));
      share.exportKw.push(-own.mid[step]! + down.part * less + rating * (limits.exportKw + net - down.joint));
      share.importReliefKw.push((1 - up.part) * more);
      share.exportReliefKw.push((1 - down.part) * less);
    }
  }
  return shares;
}

/** Error of the region in one direction, kW, and the share of each substation's own error that coincides with it. */
interface JointError {
  readonly joint: number;
  readonly part: number;
}

const rise = ({ mid, high }: Quantiles, step: number): number => high[step]! - mid[step]!;
const fall = ({ mid, low }: Quantiles, step: number): number => mid[step]! - low[step]!;
