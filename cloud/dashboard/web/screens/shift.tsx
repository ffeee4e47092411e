import { lazy } from '../parts/lazy.tsx';
import type { Screen } from '../lib/screen.ts';

export const screen: Screen = {
  path: '/shift/:id?',
  title: (id) => (id === '' ? 'Shift' : `Hand-over ${id}`),
  Component: lazy(async () => (await import('../views/shift-view.tsx')).ShiftView, 'Shift'),
  section: 'Desk',
  entries: [{ menu: 'desk', text: 'Shift', at: 12 }],
};
