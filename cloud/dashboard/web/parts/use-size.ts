import { useEffect, useRef, useState } from 'preact/hooks';

/** Width of an element in px, followed as it changes; 0 until it is laid out. */
export function useWidth<T extends HTMLElement>(): { ref: { current: T | null }; width: number } {
  const ref = useRef<T>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const element = ref.current;
    if (element === null) return;
    setWidth(Math.floor(element.clientWidth));
    const observer = new ResizeObserver(([entry]) => setWidth(Math.floor(entry!.contentRect.width)));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return { ref, width };
}
