import { lazy } from '../parts/lazy.tsx';
import type { Screen } from '../lib/screen.ts';

export const screen: Screen = {
  path: '/notifications',
  title: 'Notifications',
  Component: lazy(async () => (await import('../views/notifications-view.tsx')).NotificationsView, 'Notifications'),
  right: 'operate',
  entries: [{ menu: 'user', text: 'Notifications', at: 35 }],
};
