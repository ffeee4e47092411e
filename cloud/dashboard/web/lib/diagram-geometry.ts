import type { Layout, Placed } from './layout.ts';

/** Converts grid steps to pixels: columns run across the screen, or down a narrow one. */
export interface Geometry {
  readonly across: boolean;
  readonly width: number;
  readonly height: number;
  at(node: Placed): { x: number; y: number };
  /** Path of the branch from `parent` to `node`. */
  branchPath(node: Placed, parent: Placed): string;
  /** Middle of that branch's part in the lane of `node`. */
  middle(node: Placed, parent: Placed): { x: number; y: number };
  /** A line between any two buses, curved so that it does not cover the tree. */
  bow(from: Placed, to: Placed): { path: string; x: number; y: number };
}

/**
 * Pixels: pitch of columns and lanes, and the room before the head, after the last bus and on both sides of the lanes. `knee`: where a
 * lateral leaves its parent, in columns; down the screen it lies between a bus's voltage and the labels of its devices, and crosses
 * neither.
 */
const ACROSS = { column: 74, lane: 132, before: 92, after: 44, low: 56, high: 74, knee: 0.24 };
const DOWN = { column: 74, lane: 116, before: 64, after: 60, low: 62, high: 52, knee: 0.31 };
export function geometryOf(layout: Layout, room: number): Geometry {
  const across = room >= 700;
  const base = across ? ACROSS : DOWN;
  const along = Math.max(1, layout.columns - 1);
  const beside = Math.max(1, layout.lanes - 1);
  const pitch = across
    ? { column: Math.max(base.column, Math.min(110, (room - base.before - base.after) / along)), lane: base.lane }
    : { column: base.column, lane: Math.max(84, Math.min(base.lane, (room - base.low - base.high) / beside)) };
  const length = base.before + along * pitch.column + base.after;
  const breadth = base.low + base.high + (layout.lanes - 1) * pitch.lane;
  const place = (column: number, lane: number): { x: number; y: number } => {
    const [a, b] = [base.before + column * pitch.column, base.low + lane * pitch.lane];
    return across ? { x: a, y: b } : { x: b, y: a };
  };
  const at = (node: Placed): { x: number; y: number } => place(node.column, node.lane);
  return {
    across,
    width: across ? length : Math.max(room, breadth),
    height: across ? breadth : length,
    at,
    branchPath: (node, parent) => {
      const [from, to] = [at(parent), at(node)];
      if (node.lane === parent.lane) return `M${from.x} ${from.y}L${to.x} ${to.y}`;
      const knee = place(parent.column + base.knee, parent.lane);
      return across
        ? `M${from.x} ${from.y}H${knee.x}V${to.y}H${to.x}`
        : `M${from.x} ${from.y}V${knee.y}H${to.x}V${to.y}`;
    },
    middle: (node, parent) => place(parent.column + (node.lane === parent.lane ? 0.5 : (1 + base.knee) / 2), node.lane),
    bow: (from, to) => bow(at(from), at(to), across),
  };
}

function bow(
  a: { x: number; y: number },
  b: { x: number; y: number },
  across: boolean,
): { path: string; x: number; y: number } {
  const same = across ? Math.abs(a.y - b.y) < 1 : Math.abs(a.x - b.x) < 1;
  const lift = same ? 62 : 0;
  const control = { x: (a.x + b.x) / 2 + (across ? 0 : lift), y: (a.y + b.y) / 2 - (across ? lift : 0) };
  const middle = { x: (a.x + b.x) / 4 + control.x / 2, y: (a.y + b.y) / 4 + control.y / 2 };
  return { path: `M${a.x} ${a.y}Q${control.x} ${control.y} ${b.x} ${b.y}`, ...middle };
}

/**
 * Returns the bus that matches a text: its short name or id exactly, else the first that starts with it, else the first that contains it.
 */
export function findBus(ids: readonly string[], text: string, feeder: string): string | undefined {
  const wanted = text
    .trim()
    .toLowerCase()
    .replace(/^bus\s+/, '');
  if (wanted === '') return undefined;
  const names = ids.map((id) => ({ id, all: [shortName(id, feeder).toLowerCase(), id.toLowerCase()] }));
  const by = (fits: (name: string) => boolean): string | undefined => names.find(({ all }) => all.some(fits))?.id;
  return by((name) => name === wanted) ?? by((name) => name.startsWith(wanted)) ?? by((name) => name.includes(wanted));
}

/** Returns a bus's shortest unambiguous name, without the prefix that all ids of a feeder share. */
export function shortName(id: string, feeder: string): string {
  const own = id.startsWith(`${feeder}-`) ? id.slice(feeder.length + 1) : id;
  return own.endsWith('-bb') ? 'busbar' : own.replace(/^b(?=\d+$)/, '');
}

/**
 * Returns the band of two standard errors around a pointer, clipped to the gauge of ±`half`, because beyond its ends it would cover names.
 */
export function shadeOf(at: number, error: number, half: number): { y: number; height: number } {
  const [low, high] = [Math.max(-half, at - 2 * error), Math.min(half, at + 2 * error)];
  return { y: low, height: error > 0 ? Math.max(0, high - low) : 0 };
}
