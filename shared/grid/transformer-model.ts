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

/** Parameters of a transformer's circuit, per unit of its buses. */
export interface TransformerBase {
  readonly baseKva: number;
  /** Ratio at neutral, and at the present tap. */
  readonly neutralRatio: number;
  readonly ratio: number;
  /** Series impedance from the data sheet, at the to side. */
  readonly r: number;
  readonly x: number;
}

type NoLoad = Pick<Transformer, 'ironKw' | 'magnetisingKvar' | 'noLoadAt'>;

/**
 * The pi circuit of a transformer with its no-load branch. A branch behind the ratio is referred to the from bus by the square of the
 * ratio. The star-delta transformation converts the T circuit to a pi circuit.
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
  // Star of the branch y and two halves of the series impedance z. Its delta has y / (2 + z y / 2) at each end and z + z² y / 4 between
  // them.
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
