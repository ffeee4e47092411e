import type { Screen } from '../lib/route-path.ts';
import { route } from '../state/route.ts';

const TABS: readonly (readonly [path: string, screen: Screen, name: string])[] = [
  ['/desk', 'desk', 'Control'],
  ['/overrides', 'overrides', 'Overrides'],
  ['/register', 'register', 'Register'],
  ['/areas', 'areas', 'Areas'],
];

export const isOfDesk = (screen: Screen): boolean => TABS.some(([, each]) => each === screen);

/** Head of a screen of the desk, with the ways to its others. */
export function DeskTabs({ title }: { title: string }) {
  return (
    <div class="place">
      <h1 tabIndex={-1}>{title}</h1>
      <nav class="tabs" aria-label="Desk">
        {TABS.map(([path, screen, name]) => (
          <a key={path} href={path} aria-current={route.value.screen === screen ? 'page' : undefined}>
            {name}
          </a>
        ))}
      </nav>
    </div>
  );
}
