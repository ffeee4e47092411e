import type { Point } from './models.ts';

/** Registers of a model's curves, counted from its identifier; points within a curve from the curve's start. */
export interface CurveLayout {
  readonly name: string;
  readonly enabled: Point;
  /** Number of the curve to put into force; absent where `active` selects it. */
  readonly adopt?: Point;
  readonly active?: Point;
  readonly points: Point;
  readonly curves: Point;
  readonly first: number;
  size(points: number): number;
  /** Corners in use. */
  readonly count: Point;
  readonly reference: Point;
  readonly referenceTo: number;
  readonly response?: Point;
  x(index: number): Point;
  y(index: number): Point;
}

const plain = (at: number): Point => ({ at, type: 'uint16' });
const choice = (at: number): Point => ({ at, type: 'enum16' });

/** Common registers of the newer models, up to their scale factors. */
const modern = {
  enabled: choice(2),
  adopt: plain(3),
  points: plain(5),
  curves: plain(6),
  count: plain(0),
  reference: choice(1),
} as const;

/** Common registers of the older models: room for twenty corners, then a name and ramps. */
const older = {
  active: plain(2),
  enabled: plain(3),
  curves: plain(7),
  points: plain(8),
  first: 12,
  size: () => 54,
  count: plain(0),
  reference: choice(1),
  x: (index: number): Point => ({ at: 2 + 2 * index, type: 'uint16', scale: 9 }),
  y: (index: number): Point => ({ at: 3 + 2 * index, type: 'int16', scale: 10 }),
} as const;

/** Reference of the percentages: rated active power, rated apparent power. */
const OF_WATTS = 0;
const OF_VOLT_AMPERES = 3;
const OLDER_OF_WATTS = 1;

/** SunSpec models 126, 132, 705, 706 and 712. */
export const curveLayouts: Readonly<Record<number, CurveLayout>> = {
  126: { ...older, name: 'volt-var', referenceTo: OLDER_OF_WATTS },
  132: { ...older, name: 'volt-watt', referenceTo: OLDER_OF_WATTS },
  705: {
    ...modern,
    name: 'volt-var',
    first: 15,
    size: (points) => 10 + 2 * points,
    referenceTo: OF_VOLT_AMPERES,
    response: { at: 7, type: 'uint32', scale: 14 },
    x: (index) => ({ at: 10 + 2 * index, type: 'uint16', scale: 12 }),
    y: (index) => ({ at: 11 + 2 * index, type: 'int16', scale: 13 }),
  },
  706: {
    ...modern,
    name: 'volt-watt',
    first: 15,
    size: (points) => 5 + 2 * points,
    referenceTo: OF_WATTS,
    response: { at: 2, type: 'uint32', scale: 14 },
    x: (index) => ({ at: 5 + 2 * index, type: 'uint16', scale: 12 }),
    y: (index) => ({ at: 6 + 2 * index, type: 'int16', scale: 13 }),
  },
  712: {
    ...modern,
    name: 'watt-var',
    first: 14,
    size: (points) => 4 + 2 * points,
    referenceTo: OF_VOLT_AMPERES,
    x: (index) => ({ at: 4 + 2 * index, type: 'int16', scale: 12 }),
    y: (index) => ({ at: 5 + 2 * index, type: 'int16', scale: 13 }),
  },
};

/** Model 711. */
export const droopLayout = {
  enabled: choice(2),
  adopt: plain(3),
  controls: plain(5),
  first: 14,
  over: { at: 0, type: 'uint32', scale: 11 },
  under: { at: 2, type: 'uint32', scale: 11 },
  overDroop: { at: 4, type: 'uint16', scale: 12 },
  underDroop: { at: 5, type: 'uint16', scale: 12 },
  response: { at: 6, type: 'uint32', scale: 13 },
} as const satisfies Readonly<Record<string, Point | number>>;
