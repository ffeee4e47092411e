import { render } from 'preact';
import { followLinks } from './state/route.ts';
import { keepSettings } from './state/settings.ts';
import { startSound } from './state/sound.ts';
import { startSession } from './state/sign-in.ts';
import { startStore } from './state/store.ts';
import { Shell } from './parts/shell.tsx';

keepSettings();
followLinks();
startStore();
startSession();
startSound();
render(<Shell />, document.querySelector('#page')!);
