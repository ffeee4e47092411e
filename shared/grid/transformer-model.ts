import type { Transformer } from './network.ts';

/** Series impedance at the to side and admittance at each end, per unit. */
export interface TransformerPi {
  readonly r: number;
  readonly x: number;
  readonly fromG: number;
  readonly fromB: number;
  readonly toG: number;
  readonly toB: number;
}

/** What the circuit of a transformer stands on, per unit of its buses. */
export interface TransformerBase {
  readonly baseKva: number;
  /** Ratio at neutral and at the tap in force. */
  readonly neutralRatio: number;
  readonly ratio: number;
  /** Series impedance of the data sheet, at the to side. */
  readonly r: number;
  readonly x: number;
}

type NoLoad = Pick<Transformer, 'ironKw' | 'magnetisingKvar' | 'noLoadAt'>;

/**
 * The pi circuit of a transformer with its no-load branch. A branch behind the ratio is seen from the from bus through the square
 * of the ratio. The T circuit becomes a pi circuit by the star-delta transformation.
 */
export function transformerPi(noLoad: NoLoad, base: TransformerBase): TransformerPi {
  const { r, x, neutralRatio, ratio, baseKva } = base;
  const g = (noLoad.ironKw ?? 0) / baseKva;
  const b = -(noLoad.magnetisingKvar ?? 0) / baseKva;
  const at = noLoad.noLoadAt ?? 'from';
  if (at === 'from' || (g === 0 && b === 0)) return { r, x, fromG: g, fromB: b, toG: 0, toB: 0 };
  const toG = g * neutralRatio ** 2;
  const toB = b * neutralRatio ** 2;
  if (at === 'both') {
    const square = ratio * ratio;
    return { r, x, fromG: toG / 2 / square, fromB: toB / 2 / square, toG: toG / 2, toB: toB / 2 };
  }
  // Halves of the series impedance z in a star with the branch y: end admittance y / (2 + z y / 2), between them z + z² y / 4.
  const zyRe = r * toG - x * toB;
  const zyIm = r * toB + x * toG;
  const dRe = 2 + zyRe / 2;
  const dIm = zyIm / 2;
  const d = dRe * dRe + dIm * dIm;
  const endG = (toG * dRe + toB * dIm) / d;
  const endB = (toB * dRe - toG * dIm) / d;
  const square = ratio * ratio;
  return {
    r: r + (r * zyRe - x * zyIm) / 4,
    x: x + (r * zyIm + x * zyRe) / 4,
    fromG: endG / square,
    fromB: endB / square,
    toG: endG,
    toB: endB,
  };
}
