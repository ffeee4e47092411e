import { lazy } from '../parts/lazy.tsx';
import type { Screen } from '../lib/screen.ts';

export const screen: Screen = {
  path: '/users',
  title: 'Users',
  Component: lazy(async () => (await import('../views/users-view.tsx')).UsersView, 'Users'),
  entries: [{ menu: 'user', text: 'Users', at: 10 }],
  right: 'access:write',
};
