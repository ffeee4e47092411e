import { computed, signal } from '@preact/signals';
import { parseRoute } from '../lib/route-path.ts';

const path = signal(location.pathname);
export const route = computed(() => parseRoute(path.value));

export function go(to: string): void {
  if (to !== location.pathname) history.pushState(null, '', to);
  path.value = location.pathname;
  window.scrollTo(0, 0);
}

/** Links within the page change the screen without loading it again. */
export function followLinks(): void {
  window.addEventListener('popstate', () => (path.value = location.pathname));
  document.addEventListener('click', (event) => {
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    if (link === null || event.defaultPrevented || event.button !== 0) return;
    if (
      event.metaKey ||
      event.ctrlKey ||
      event.shiftKey ||
      link.origin !== location.origin ||
      link.hasAttribute('download')
    )
      return;
    if (parseRoute(link.pathname).screen === 'none') return;
    event.preventDefault();
    go(link.pathname);
  });
}
