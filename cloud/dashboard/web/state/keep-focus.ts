/**
 * An act may move or remove the element with the focus, such as a row or a button. The focus then stays, or goes to the nearest focusable
 * neighbour, never back to the top of the page.
 */
export function keepFocus(page: Element): void {
  let path: readonly Element[] = [];
  document.addEventListener('focusin', ({ target }) => {
    path = [];
    for (let at = target instanceof Element ? target : null; at !== null && at !== page; at = at.parentElement)
      path = [...path, at];
  });
  // A click on empty space gives up the focus.
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
