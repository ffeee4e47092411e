import { computed, signal } from '@preact/signals';

export type Screen = 'overview' | 'substation' | 'feeder' | 'forecast' | 'plan' | 'gateways' | 'events' | 'none';
export interface Route {
  readonly screen: Screen;
  readonly id: string;
}

const SCREENS: Readonly<Record<string, Screen>> = {
  '': 'overview',
  substations: 'substation',
  feeders: 'feeder',
  forecast: 'forecast',
  plan: 'plan',
  gateways: 'gateways',
  events: 'events',
};
const WITH_ID: readonly Screen[] = ['substation', 'feeder', 'forecast', 'plan'];

export function parseRoute(path: string): Route {
  const [first = '', id = '', more] = path
    .replace(/^\/|\/$/g, '')
    .split('/')
    .map(decodeURIComponent);
  const screen = SCREENS[first] ?? 'none';
  const fits = more === undefined && (id !== '') === WITH_ID.includes(screen);
  return fits ? { screen, id } : { screen: 'none', id: path };
}

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
