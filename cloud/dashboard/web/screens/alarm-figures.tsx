import { lazy } from '../parts/lazy.tsx';
import type { Screen } from '../lib/screen.ts';

export const screen: Screen = {
  path: '/alarm-figures',
  title: 'Alarm figures',
  Component: lazy(async () => (await import('../views/alarm-figures-view.tsx')).AlarmFiguresView, 'Alarm figures'),
  section: 'Alarms',
};
