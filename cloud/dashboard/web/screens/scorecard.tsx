import { lazy } from '../parts/lazy.tsx';
import type { Screen } from '../lib/screen.ts';
import { t } from '../words/t.ts';

export const screen: Screen = {
  path: '/scorecards/:id',
  title: (id) => t('Scorecard {id}', { id }),
  Component: lazy(async () => (await import('../views/scorecard-view.tsx')).ScorecardView, 'Scorecard'),
  section: 'Overview',
};
