import { lazy } from '../parts/lazy.tsx';
import type { Screen } from '../lib/screen.ts';

export const screen: Screen = {
  path: '/system',
  title: 'System',
  Component: lazy(async () => (await import('../views/system-view.tsx')).SystemScreen, 'System'),
  right: 'quarantine:read',
  entries: [{ menu: 'user', text: 'System', at: 25 }],
};
