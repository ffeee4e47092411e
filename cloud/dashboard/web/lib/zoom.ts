export interface Size {
  readonly width: number;
  readonly height: number;
}

const MOST = 2;
/** Below this what is written in a drawing of 11 px is too small to read. */
export const READABLE = 0.62;
export const STEP = 1.4;

/** Of a drawing (px at full size) in a room (px): the least scale, which shows the whole of it, the most, and the one wished for within them. */
export function zoomOf(wish: number, drawing: Size, room: Size): { least: number; most: number; scale: number } {
  const least = Math.min(1, room.width / drawing.width, room.height / drawing.height);
  return { least, most: MOST, scale: Math.min(MOST, Math.max(least, wish)) };
}
