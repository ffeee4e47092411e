import { lazy } from '../parts/lazy.tsx';
import type { Screen } from '../lib/screen.ts';

export const screen: Screen = {
  path: '/playback/:id?',
  title: (id) => `${id === '' ? 'Area' : id} played back`,
  Component: lazy(async () => (await import('../views/playback-view.tsx')).PlaybackView, 'Playback'),
  section: 'Overview',
};
