import { lazy } from '../parts/lazy.tsx';
import type { Screen } from '../lib/screen.ts';

export const screen: Screen = {
  path: '/audit',
  title: 'Audit',
  Component: lazy(async () => (await import('../views/audit-view.tsx')).AuditView, 'Audit'),
  entries: [{ menu: 'user', text: 'Audit', at: 20 }],
  right: 'audit:read',
};
