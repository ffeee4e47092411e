import { lazy } from '../parts/lazy.tsx';
import type { Screen } from '../lib/screen.ts';

export const screen: Screen = {
  path: '/register',
  title: 'Register',
  Component: lazy(async () => (await import('../views/register-view.tsx')).RegisterView, 'Register'),
  section: 'Desk',
  entries: [{ menu: 'desk', text: 'Register', at: 30 }],
};
