import { lazy } from '../parts/lazy.tsx';
import type { Screen } from '../lib/screen.ts';

export const screen: Screen = {
  path: '/trends',
  title: 'Trend',
  Component: lazy(async () => (await import('../views/trends-view.tsx')).TrendsView, 'Trend'),
  section: 'Overview',
};
