import { lazy } from '../parts/lazy.tsx';
import type { Screen } from '../lib/screen.ts';
import { t } from '../words/t.ts';

export const screen: Screen = {
  path: '/shift/:id?',
  title: (id) => (id === '' ? t('Shift') : t('Hand-over {id}', { id })),
  Component: lazy(async () => (await import('../views/shift-view.tsx')).ShiftView, 'Shift'),
  section: 'Desk',
  entries: [{ menu: 'desk', text: 'Shift', at: 12 }],
};
