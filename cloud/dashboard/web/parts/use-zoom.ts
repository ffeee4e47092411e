import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { zoomOf, type Size } from '../lib/zoom.ts';

interface ZoomOptions {
  /** The scrolling element. */
  readonly box: { readonly current: HTMLElement | null };
  /** Size of the drawing at full scale, px. */
  readonly drawing: Size;
  /** Its visible part, px. */
  readonly room: Size;
}

/**
 * Zooms and scrolls a drawing within a box, about the middle or the pointer: by steps, Ctrl and wheel, or dragging with the mouse. Touch
 * scrolls it like a page.
 */
export function useZoom({ box, drawing, room }: ZoomOptions) {
  const [wish, setWish] = useState(1);
  const { least, most, scale } = zoomOf(wish, drawing, room);
  const anchor = useRef<{ x: number; y: number; left: number; top: number } | null>(null);
  const drag = useRef<{ x: number; y: number; left: number; top: number; moved: boolean } | null>(null);

  /** `at`: the fixed point, px within the box. */
  const zoomTo = (next: number, at?: { readonly left: number; readonly top: number }): void => {
    const { current } = box;
    if (current === null) return;
    const { left, top } = at ?? { left: current.clientWidth / 2, top: current.clientHeight / 2 };
    anchor.current = { x: (current.scrollLeft + left) / scale, y: (current.scrollTop + top) / scale, left, top };
    setWish(Math.min(most, Math.max(least, next)));
  };
  useLayoutEffect(() => {
    const { current } = box;
    if (current === null || anchor.current === null) return;
    const { x, y, left, top } = anchor.current;
    current.scrollTo({ left: x * scale - left, top: y * scale - top });
    anchor.current = null;
  }, [scale]);
  useEffect(() => {
    const { current } = box;
    const wheeled = (event: WheelEvent): void => {
      if (!event.ctrlKey || current === null) return;
      event.preventDefault();
      const { x, y } = current.getBoundingClientRect();
      zoomTo(scale * Math.exp(-event.deltaY / 500), { left: event.clientX - x, top: event.clientY - y });
    };
    current?.addEventListener('wheel', wheeled, { passive: false });
    return () => current?.removeEventListener('wheel', wheeled);
  });

  return {
    scale,
    least,
    most,
    zoomTo,
    onPointerDown: (event: PointerEvent): void => {
      const { current } = box;
      if (current === null || event.pointerType !== 'mouse' || event.button !== 0) return;
      const { scrollLeft: left, scrollTop: top } = current;
      drag.current = { x: event.clientX, y: event.clientY, left, top, moved: false };
    },
    onPointerMove: (event: PointerEvent): void => {
      const { current } = box;
      const from = drag.current;
      if (current === null || from === null) return;
      const [dx, dy] = [event.clientX - from.x, event.clientY - from.y];
      if (!from.moved && Math.hypot(dx, dy) < 5) return;
      if (!from.moved) current.setPointerCapture(event.pointerId);
      from.moved = true;
      current.scrollTo({ left: from.left - dx, top: from.top - dy });
    },
    onPointerUp: (): void => {
      drag.current = null;
    },
  };
}
