import { lazy } from '../parts/lazy.tsx';
import type { Screen } from '../lib/screen.ts';
import { t } from '../words/t.ts';

export const screen: Screen = {
  path: '/playback/:id?',
  title: (id) => t('{id} played back', { id: id === '' ? t('Area') : id }),
  Component: lazy(async () => (await import('../views/playback-view.tsx')).PlaybackView, 'Played back'),
  section: 'Overview',
};
