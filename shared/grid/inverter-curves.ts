/** Corners of a piecewise linear curve, flat beyond its ends: voltage in pu, then the value there. */
export type Curve = readonly (readonly [pu: number, value: number])[];

/** What an inverter does by itself with the voltage at its terminals. Load convention: positive reactive power is absorbed. */
export interface InverterCurves {
  /** Reactive power over the rated apparent power. */
  readonly voltVar: Curve;
  /** Open-loop response of the reactive power: time to 90 % of a step, s. */
  readonly voltVarS: number;
  /** Most that may be fed in, over the rated active power. */
  readonly voltWatt: Curve;
  readonly voltWattS: number;
}

/** IEEE 1547-2018, table 10: the default of both categories. */
const voltWatt = {
  voltWatt: [
    [1.06, 1],
    [1.1, 0.2],
  ],
  voltWattS: 10,
} as const;

/**
 * Defaults of IEEE 1547-2018, table 8, by category. The standard counts what is fed in as positive; here the reactive power is
 * turned: a low voltage is met by feeding in, which is negative.
 */
export const inverterPresets = {
  'ieee1547-a': {
    voltVar: [
      [0.9, -0.25],
      [1, 0],
      [1.1, 0.25],
    ],
    voltVarS: 10,
    ...voltWatt,
  },
  'ieee1547-b': {
    voltVar: [
      [0.92, -0.44],
      [0.98, 0],
      [1.02, 0],
      [1.08, 0.44],
    ],
    voltVarS: 5,
    ...voltWatt,
  },
} as const satisfies Record<string, InverterCurves>;
export type InverterPreset = keyof typeof inverterPresets;

export function curveAt(curve: Curve, pu: number): number {
  const next = curve.findIndex(([x]) => x >= pu);
  if (next === -1) return curve.at(-1)![1];
  if (next === 0) return curve[0]![1];
  const [x0, y0] = curve[next - 1]!;
  const [x1, y1] = curve[next]!;
  return y0 + ((y1 - y0) * (pu - x0)) / (x1 - x0);
}

/** Share of the way to its goal that a first-order response makes in a step, where 90 % take `openLoopS`. */
export const responseShare = (openLoopS: number, stepS: number): number => 1 - 0.1 ** (stepS / openLoopS);
