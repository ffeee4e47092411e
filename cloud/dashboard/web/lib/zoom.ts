export interface Size {
  readonly width: number;
  readonly height: number;
}

const MOST = 2;
/** Below this scale, text of 11 px is too small to read. */
export const READABLE = 0.62;
export const STEP = 1.4;

/**
 * Returns the least scale, which shows the whole drawing (px at full size) in the room (px), the greatest scale, and the wish clamped to
 * them.
 */
export function zoomOf(wish: number, drawing: Size, room: Size): { least: number; most: number; scale: number } {
  const least = Math.min(1, room.width / drawing.width, room.height / drawing.height);
  return { least, most: MOST, scale: Math.min(MOST, Math.max(least, wish)) };
}
