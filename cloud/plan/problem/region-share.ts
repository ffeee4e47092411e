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
 * a part of the rest by rating. If the limit is too low, the shortfall is shared the same way. No share is below zero, because nobody can
 * count on what another feeds in; shares sum to the limit. The region's error comes from its own forecast, made from joint paths; the
 * substations' errors are summed only if `region` is undefined.
 */
export function shareOut(
  limits: ShareKw,
  expected: readonly Expected[],
  region: Quantiles | undefined,
): Map<string, Share> {
  const steps = expected[0]?.net.mid.length ?? 0;
  const shares = new Map<string, Share>(
    expected.map(({ substation, net }) => [
      substation,
      { importKw: [], exportKw: [], importReliefKw: [], exportReliefKw: [], net },
    ]),
  );
  for (let step = 0; step < steps; step++) {
    /** The part of each substation's own error that coincides with the region's. */
    const [up, down] = [rise, fall].map((error) => {
      const added = expected.reduce((sum, each) => sum + error(each.net, step), 0);
      const joint = Math.min(added, region === undefined ? added : error(region, step));
      return added > 0 ? joint / added : 1;
    }) as [number, number];
    const imports = split(
      limits.importKw,
      expected.map(({ net, weight }) => ({ kw: net.mid[step]! + up * rise(net, step), weight })),
    );
    const exports = split(
      limits.exportKw,
      expected.map(({ net, weight }) => ({ kw: -net.mid[step]! + down * fall(net, step), weight })),
    );
    for (const [at, { substation, net }] of expected.entries()) {
      const share = shares.get(substation)!;
      share.importKw.push(imports[at]!);
      share.exportKw.push(exports[at]!);
      share.importReliefKw.push((1 - up) * rise(net, step));
      share.exportReliefKw.push((1 - down) * fall(net, step));
    }
  }
  return shares;
}

interface Need {
  readonly kw: number;
  readonly weight: number;
}

/** Splits a limit into what each needs and a part of the rest, or of the shortfall, by weight. Who would get less than nothing gets nothing. */
function split(limitKw: number, needs: readonly Need[]): number[] {
  const shares = needs.map(() => 0);
  let left = [...needs.entries()];
  for (let isCut = true; isCut;) {
    const rest = left.reduce((kw, [, need]) => kw - need.kw, limitKw);
    const whole = left.reduce((sum, [, { weight }]) => sum + weight, 0);
    for (const [at, { kw, weight }] of left) shares[at] = Math.max(0, kw + (weight / whole) * rest);
    const above = left.filter(([at]) => shares[at]! > 0);
    isCut = above.length < left.length;
    left = above;
  }
  return shares;
}

const rise = ({ mid, high }: Quantiles, step: number): number => high[step]! - mid[step]!;
const fall = ({ mid, low }: Quantiles, step: number): number => mid[step]! - low[step]!;
