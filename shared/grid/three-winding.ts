import type { ThreeWindingTransformer, Transformer } from './network.ts';

export interface Leg {
  readonly bus: string;
  /** `from` is the winding's bus, `to` the star at the high side's voltage. The caller sets the final ends. */
  readonly leg: Transformer;
}

const sides = ['high', 'medium', 'low'] as const;

/** The star of two-winding transformers that is equivalent to a three-winding transformer: `<id>:high`, `<id>:medium`, `<id>:low`. */
export function legsOf(winding: ThreeWindingTransformer): Leg[] {
  const bus = { high: winding.highBus, medium: winding.mediumBus, low: winding.lowBus };
  const kv = { high: winding.ratedHighKv, medium: winding.ratedMediumKv, low: winding.ratedLowKv };
  const kva = { high: winding.ratedHighKva, medium: winding.ratedMediumKva, low: winding.ratedLowKva };
  const r = { high: winding.rHighOhm, medium: winding.rMediumOhm, low: winding.rLowOhm };
  const x = { high: winding.xHighOhm, medium: winding.xMediumOhm, low: winding.xLowOhm };
  const shift = { high: 0, medium: -(winding.shiftMediumDeg ?? 0), low: -(winding.shiftLowDeg ?? 0) };
  return sides.map((side) => ({
    bus: bus[side],
    leg: {
      id: `${winding.id}:${side}`,
      from: bus[side],
      to: '',
      ratedKva: kva[side],
      ratedFromKv: kv[side],
      ratedToKv: winding.ratedHighKv,
      rOhm: r[side],
      xOhm: x[side],
      shiftDeg: shift[side],
      ...((winding.tapSide ?? 'high') === side
        ? { tapPosition: winding.tapPosition ?? 0, tapStepPct: winding.tapStepPct ?? 0 }
        : {}),
      ...(side === 'high'
        ? {
            ironKw: winding.ironKw ?? 0,
            magnetisingKvar: winding.magnetisingKvar ?? 0,
            noLoadAt: winding.noLoadAt ?? 'from',
          }
        : {}),
    },
  }));
}
