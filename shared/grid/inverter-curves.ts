/** Corners of a piecewise linear curve, constant beyond its ends: voltage in pu, then the value there. */
export type Curve = readonly (readonly [pu: number, value: number])[];

export function curveAt(curve: Curve, pu: number): number {
  const next = curve.findIndex(([x]) => x >= pu);
  if (next === -1) return curve.at(-1)![1];
  if (next === 0) return curve[0]![1];
  const [x0, y0] = curve[next - 1]!;
  const [x1, y1] = curve[next]!;
  return y0 + ((y1 - y0) * (pu - x0)) / (x1 - x0);
}

/** Share of the distance to its target that a first-order response covers in a step, if 90 % takes `openLoopS`. */
export const responseShare = (openLoopS: number, stepS: number): number => 1 - 0.1 ** (stepS / openLoopS);
