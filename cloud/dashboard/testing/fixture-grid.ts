import type { LayoutBranch } from '../web/lib/layout.ts';

/** Seeded, smooth and plausible numbers for developing and testing the page; the product never loads this folder. */
export const chance = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
};

export const HOUR_MS = 3_600_000;
export const QUARTER_MS = 900_000;

/** Sunlight of a day in September, 0 to 1. */
export const sun = (time: number): number => {
  const hour = ((time / HOUR_MS) % 24) + 0.4;
  return Math.max(0, Math.sin(((hour - 5.5) / 12.5) * Math.PI)) ** 1.3;
};

/** Household and service load over a day, around 1. */
export const daily = (time: number): number => {
  const hour = (time / HOUR_MS) % 24;
  const bump = (centre: number, width: number): number => Math.exp(-((((hour - centre + 36) % 24) - 12) ** 2) / width);
  return 0.55 + 0.35 * bump(7.5, 4) + 0.65 * bump(18.2, 9) + 0.25 * bump(12.5, 14);
};

/** Smooth noise over time, between -1 and 1, with period `periodMs`. */
export const wobble = (time: number, seed: number, periodMs: number): number => {
  const place = time / periodMs;
  const left = Math.floor(place);
  const value = (index: number): number => chance(seed * 7919 + index * 104729)() * 2 - 1;
  const share = place - left;
  const smooth = share * share * (3 - 2 * share);
  return value(left) * (1 - smooth) + value(left + 1) * smooth;
};

const CASE33_KW = [
  0, 100, 90, 120, 60, 60, 200, 200, 60, 60, 45, 60, 60, 120, 60, 60, 60, 90, 90, 90, 90, 90, 90, 420, 420, 60, 60, 60,
  120, 200, 150, 210, 60,
];
const STARTS: Readonly<Record<number, number>> = { 2: 1, 19: 2, 23: 3, 26: 6 };
const R_OHM = [
  0.0922, 0.493, 0.366, 0.3811, 0.819, 0.1872, 0.7114, 1.03, 1.044, 0.1966, 0.3744, 1.468, 0.5416, 0.591, 0.7463, 1.289,
  0.732, 0.164, 1.5042, 0.4095, 0.7089, 0.4512, 0.898, 0.896, 0.203, 0.2842, 1.059, 0.8042, 0.5075, 0.9744, 0.3105,
  0.341,
];
const RATED_KVA = [
  4613,
  4091,
  2902,
  2735,
  2649,
  ...Array.from({ length: 19 }, () => 1153),
  1361,
  1299,
  1236,
  1167,
  1153,
  1153,
  1153,
  1153,
];
const TIES = [
  [21, 8],
  [9, 15],
  [12, 22],
  [18, 33],
  [25, 29],
] as const;

export interface Line extends LayoutBranch {
  readonly fromBus: number;
  readonly toBus: number;
  readonly rOhm: number;
  readonly ratedKva: number;
}

/** The 33-bus feeder with the product's names; bus 1 is the substation's busbar. */
export function feederLines(substation: string, feeder: string): Line[] {
  const name = (bus: number): string => (bus === 1 ? `${substation}-bb` : `${feeder}-b${bus}`);
  const ways: [number, number][] = [
    ...Array.from({ length: 32 }, (_, index): [number, number] => [STARTS[index + 2] ?? index + 1, index + 2]),
    ...TIES.map(([from, to]): [number, number] => [from, to]),
  ];
  return ways.map(([fromBus, toBus], index) => ({
    id: `${feeder}-l${index + 1}`,
    from: name(fromBus),
    to: name(toBus),
    closed: index < 32,
    fromBus,
    toBus,
    rOhm: R_OHM[index] ?? 2,
    ratedKva: RATED_KVA[index] ?? 1153,
  }));
}

export const busName = (substation: string, feeder: string, bus: number): string =>
  bus === 1 ? `${substation}-bb` : `${feeder}-b${bus}`;

export interface Flow {
  readonly voltagePu: readonly number[];
  readonly lineKw: readonly number[];
}

/** Linear flow without losses: voltage falls with r P (and a third of it for x Q). Good enough for display. */
export function flow(lines: readonly Line[], busKw: readonly number[], headPu: number): Flow {
  const closed = lines.filter((line) => line.closed);
  const below = [...busKw];
  const lineKw = lines.map(() => 0);
  for (const [index, line] of [...closed.entries()].reverse()) {
    lineKw[index] = below[line.toBus]!;
    below[line.fromBus]! += below[line.toBus]!;
  }
  const voltagePu = busKw.map(() => headPu);
  for (const [index, line] of closed.entries()) {
    voltagePu[line.toBus] = voltagePu[line.fromBus]! - (1.33 * line.rOhm * lineKw[index]!) / (12.66 ** 2 * 1000);
  }
  return { voltagePu, lineKw };
}

/** Load of each bus (by bus number), kW. */
export const busLoads = (time: number, seed: number, scale: number): number[] => [
  0,
  ...CASE33_KW.map((kw, index) => kw * scale * daily(time) * (1 + 0.15 * wobble(time, seed * 100 + index, 1_200_000))),
];
