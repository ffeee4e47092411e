import { lazy } from '../parts/lazy.tsx';
import type { Screen } from '../lib/screen.ts';

export const screen: Screen = {
  path: '/models/:id?',
  title: 'Models',
  Component: lazy(async () => (await import('../views/models-view.tsx')).ModelsView, 'Models'),
  section: 'Gateways',
};
