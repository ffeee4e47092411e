/**
 * An act may move or take away what has the focus: a row of a list, a button that is no longer needed. The focus then stays where it was, or
 * goes to what stands next to it, and never back to the top of the page.
 */
export function keepFocus(page: Element): void {
  let path: readonly Element[] = [];
  document.addEventListener('focusin', ({ target }) => {
    path = [];
    for (let at = target instanceof Element ? target : null; at !== null && at !== page; at = at.parentElement)
      path = [...path, at];
  });
  // Who clicks beside everything wants no focus.
  document.addEventListener('pointerdown', () => (path = []));
  new MutationObserver(() => {
    if (path.length === 0 || document.activeElement !== document.body) return;
    const place = path.find((each) => each.isConnected);
    const next = place === path[0] ? place : place?.querySelector(FOCUSABLE);
    if (next instanceof HTMLElement) next.focus({ preventScroll: true });
  }).observe(page, { childList: true, subtree: true });
}

const FOCUSABLE =
  '[tabindex="0"], button:not([disabled], [tabindex="-1"]), a[href], input:not([disabled]), h1[tabindex]';
