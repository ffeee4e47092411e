/** Plain hand-drawn geography: no map server, no outside data. Points are [longitude, latitude]. */
export type Point = readonly [number, number];

/** "longitude latitude, ..." to points. */
const outline = (text: string): Point[] =>
  text.split(',').map((pair): Point => {
    const [longitude = 0, latitude = 0] = pair.trim().split(' ').map(Number);
    return [longitude, latitude];
  });

const mainland = outline(
  '3.37 51.37, 3.56 51.4, 3.44 51.53, 3.6 51.6, 3.85 51.61, 3.69 51.7, 3.86 51.82, 4.05 51.84, ' +
    '4.03 51.93, 4.11 51.99, 4.27 52.11, 4.4 52.21, 4.53 52.37, 4.57 52.46, 4.62 52.62, ' +
    '4.65 52.77, 4.72 52.95, 4.79 52.965, 4.84 52.9, 4.95 52.905, 5.05 52.935, 5.335 53.075, ' +
    '5.39 53.11, 5.41 53.175, 5.46 53.22, 5.6 53.3, 5.74 53.35, 5.88 53.385, 6.1 53.405, 6.2 53.4, ' +
    '6.42 53.41, 6.6 53.435, 6.83 53.45, 6.9 53.38, 6.96 53.32, 7.07 53.3, 7.1 53.24, 7.21 53.24, ' +
    '7.21 53.0, 7.09 52.84, 7.06 52.64, 6.77 52.65, 6.72 52.55, 7.03 52.44, 7.07 52.38, ' +
    '7.04 52.23, 6.86 52.12, 6.75 52.08, 6.83 51.97, 6.68 51.91, 6.4 51.83, 6.17 51.85, ' +
    '5.97 51.83, 5.99 51.74, 6.1 51.65, 6.22 51.48, 6.22 51.36, 6.08 51.22, 5.98 51.05, 5.9 50.97, ' +
    '6.08 50.9, 6.02 50.76, 5.7 50.76, 5.65 50.85, 5.8 51.06, 5.84 51.15, 5.55 51.22, 5.24 51.27, ' +
    '5.08 51.43, 4.92 51.41, 4.77 51.5, 4.53 51.48, 4.38 51.44, 4.39 51.35, 4.23 51.35, 3.9 51.21, ' +
    '3.58 51.28',
);
const ijsselmeer = outline(
  '5.05 52.935, 5.335 53.075, 5.4 53.06, 5.41 52.97, 5.4 52.94, 5.36 52.885, 5.47 52.85, ' +
    '5.6 52.845, 5.71 52.835, 5.64 52.78, 5.59 52.665, 5.6 52.62, 5.47 52.575, 5.43 52.53, ' +
    '5.295 52.7, 5.2 52.745, 5.11 52.772, 5.1 52.84, 5.11 52.9',
);
const markermeer = outline(
  '5.295 52.69, 5.425 52.525, 5.26 52.42, 5.14 52.385, 5.13 52.345, 5.03 52.365, 5.09 52.42, ' +
    '5.08 52.49, 5.05 52.52, 5.06 52.63, 5.17 52.64, 5.24 52.655',
);
const islands = [
  outline('4.71 53.0, 4.78 53.01, 4.9 53.1, 4.9 53.18, 4.83 53.18, 4.72 53.07'),
  outline('4.86 53.22, 5.0 53.26, 5.11 53.3, 5.09 53.315, 4.95 53.28, 4.85 53.24'),
  outline('5.15 53.355, 5.35 53.38, 5.55 53.43, 5.54 53.45, 5.3 53.42, 5.16 53.38'),
  outline('5.62 53.435, 5.8 53.44, 5.96 53.455, 5.95 53.47, 5.75 53.465, 5.62 53.455'),
  outline('6.09 53.47, 6.2 53.475, 6.35 53.49, 6.33 53.51, 6.15 53.5, 6.09 53.485'),
];

export const land = [mainland, ...islands];
export const water = [ijsselmeer, markermeer];

export interface Bounds {
  readonly west: number;
  readonly east: number;
  readonly south: number;
  readonly north: number;
}

/** Returns the bounding box of points, degrees; a single point gets some margin. */
export function boundsOf(points: readonly Point[]): Bounds {
  const [lons, lats] = [points.map(([lon]) => lon), points.map(([, lat]) => lat)];
  const room = points.length < 2 ? 0.2 : 0;
  return {
    west: Math.min(...lons) - room,
    east: Math.max(...lons) + room,
    south: Math.min(...lats) - room,
    north: Math.max(...lats) + room,
  };
}

export interface Margin {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

export interface Projection {
  readonly width: number;
  readonly height: number;
  readonly project: (point: Point) => { x: number; y: number };
}

/** Equirectangular projection, true to scale at the middle latitude. The bounds fill the box within its margin and are centred there. */
export function fit(bounds: Bounds, box: { width: number; height: number }, margin: Margin): Projection {
  const squeeze = Math.cos((((bounds.south + bounds.north) / 2) * Math.PI) / 180);
  const [spanX, spanY] = [
    Math.max(1e-6, (bounds.east - bounds.west) * squeeze),
    Math.max(1e-6, bounds.north - bounds.south),
  ];
  const room = { width: box.width - margin.left - margin.right, height: box.height - margin.top - margin.bottom };
  const scale = Math.max(1, Math.min(room.width / spanX, room.height / spanY));
  const left = margin.left + (room.width - spanX * scale) / 2;
  const top = margin.top + (room.height - spanY * scale) / 2;
  return {
    ...box,
    project: ([lon, lat]) => ({
      x: left + (lon - bounds.west) * squeeze * scale,
      y: top + (bounds.north - lat) * scale,
    }),
  };
}

export const pathOf = (points: readonly Point[], { project }: Projection): string =>
  `M${points
    .map((point) => project(point))
    .map(({ x, y }) => `${x.toFixed(1)} ${y.toFixed(1)}`)
    .join('L')}Z`;

export interface Spot {
  readonly id: string;
  readonly x: number;
  readonly y: number;
  /** Width of its label, px. */
  readonly width: number;
}
export interface Label extends Spot {
  readonly anchor: 'start' | 'middle' | 'end';
  /** Anchor point of the label: its x by `anchor`, its middle by height. */
  readonly labelX: number;
  readonly labelY: number;
}

/** Left edge of a label's text, px. */
export const leftOf = ({ anchor, labelX, width }: Pick<Label, 'anchor' | 'labelX' | 'width'>): number =>
  labelX - width * { start: 0, middle: 0.5, end: 1 }[anchor];

interface Box {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

const overlap = (a: Box, b: Box): number =>
  Math.max(0, Math.min(a.x + a.w, b.x + b.w) - Math.max(a.x, b.x)) *
  Math.max(0, Math.min(a.y + a.h, b.y + b.h) - Math.max(a.y, b.y));

/** How often each label is placed again next to the others; once if there are many spots. */
const PASSES = 4;
const MANY = 30;
const SHIFTS = [0, -1, 1, -1.6, 1.6, -2.4, 2.4];
/** Cost of a place above the mark or below the gauge, which looks this much farther away. */
const UPRIGHT_COST = 2;

/**
 * Places a label beside each spot so that it hides neither labels nor spots, preferring near places. Of several placement orders, the one
 * that hides least wins. A spot occupies `gap` on each side of its point, the height of a label, and `above` more above it, px.
 */
export function placeLabels(
  spots: readonly Spot[],
  size: { height: number; gap: number; above: number },
  box: { width: number; height: number },
): Label[] {
  const taken = spots.map(({ x, y }): Box => ({
    x: x - size.gap,
    y: y - size.height / 2 - size.above,
    w: 2 * size.gap,
    h: size.height + size.above,
  }));
  const place = (spot: Spot, others: readonly Box[]): Placed => {
    const at = (anchor: Label['anchor'], labelX: number, labelY: number, far: number): Placed => {
      const x = leftOf({ anchor, labelX, width: spot.width });
      const area = { x, y: labelY - size.height / 2, w: spot.width, h: size.height };
      const isOutside = x < 0 || x + area.w > box.width || area.y < 0 || area.y + area.h > box.height;
      const hidden = [...taken, ...others].reduce((sum, each) => sum + overlap(area, each), 0);
      return { label: { ...spot, anchor, labelX, labelY }, area, cost: hidden + (isOutside ? 1e4 : 0) + far };
    };
    const choices = [
      ...SHIFTS.flatMap((shift) => {
        const labelY = spot.y + shift * size.height * 0.8;
        return [
          at('start', spot.x + size.gap, labelY, Math.abs(shift)),
          at('end', spot.x - size.gap, labelY, Math.abs(shift)),
        ];
      }),
      at('middle', spot.x, spot.y - size.height - size.above, UPRIGHT_COST),
      at('middle', spot.x, spot.y + size.height, UPRIGHT_COST),
    ];
    return choices.reduce((a, b) => (b.cost < a.cost ? b : a));
  };
  const isMany = spots.length > MANY;
  const tries = (isMany ? [spots] : ordersOf(spots)).map((order) => {
    const placed = new Map<Spot, Placed>();
    for (let pass = 0; pass < (isMany ? 1 : PASSES); pass++)
      for (const spot of order) {
        placed.delete(spot);
        const others = [...placed.values()].map(({ area }) => area);
        placed.set(spot, place(spot, others));
      }
    return { placed, cost: [...placed.values()].reduce((sum, { cost }) => sum + cost, 0) };
  });
  const { placed } = tries.reduce((a, b) => (b.cost < a.cost ? b : a));
  return spots.map((spot) => placed.get(spot)!.label);
}

interface Placed {
  readonly label: Label;
  readonly area: Box;
  readonly cost: number;
}

/** As given, from the west, from the north, and each of these reversed. */
const ordersOf = (spots: readonly Spot[]): (readonly Spot[])[] =>
  [spots, spots.toSorted((a, b) => a.x - b.x), spots.toSorted((a, b) => a.y - b.y)].flatMap((order) => [
    order,
    order.toReversed(),
  ]);
