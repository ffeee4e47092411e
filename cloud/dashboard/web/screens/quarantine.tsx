import { lazy } from '../parts/lazy.tsx';
import type { Screen } from '../lib/screen.ts';

export const screen: Screen = {
  path: '/quarantine',
  title: 'Quarantine',
  Component: lazy(async () => (await import('../views/quarantine-view.tsx')).QuarantineScreen, 'Quarantine'),
  section: 'Gateways',
};
