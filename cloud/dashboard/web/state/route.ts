import { computed, signal } from '@preact/signals';
import { parseRoute, type Screens } from '../lib/screen.ts';

const path = signal(location.pathname);
const search = signal(location.search);
/** All screens by name; set once at the start. */
export const screens = signal<Screens>(new Map());
export const route = computed(() => parseRoute(path.value, screens.value));
/** Choices within a screen. They are in the address, so that a link includes them. */
export const query = computed(() => new URLSearchParams(search.value));

function moved(): void {
  path.value = location.pathname;
  search.value = location.search;
}

export function go(to: string): void {
  if (to !== location.pathname + location.search) history.pushState(null, '', to);
  moved();
  window.scrollTo(0, 0);
}

/** Sets a choice of the screen; an empty value removes it. */
export const choose = (name: string, value: string): void => chooseAll({ [name]: value });

export function chooseAll(values: Readonly<Record<string, string>>): void {
  const next = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(values))
    if (value === '') next.delete(name);
    else next.set(name, value);
  const text = next.toString();
  history.replaceState(null, '', `${location.pathname}${text === '' ? '' : `?${text}`}`);
  moved();
}

/** Opens links within the page without a reload. A link in an SVG has only the attribute, not the property. */
export function followLinks(): void {
  window.addEventListener('popstate', moved);
  document.addEventListener('click', (event) => {
    const link = event.target instanceof Element ? event.target.closest('a[href]') : null;
    if (link === null || event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || link.hasAttribute('download')) return;
    const to = URL.parse(link.getAttribute('href')!, location.href);
    if (to?.origin !== location.origin || to.hash !== '' || parseRoute(to.pathname, screens.peek()).screen === 'none')
      return;
    event.preventDefault();
    go(to.pathname + to.search);
  });
}
