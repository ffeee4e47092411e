import { render } from 'preact';
import { screensOf, type Screen } from './lib/screen.ts';
import { keepFocus } from './state/kept-focus.ts';
import { followLinks, screens } from './state/route.ts';
import { keepSettings } from './state/settings.ts';
import { startSound } from './state/sound.ts';
import { startSession } from './state/sign-in.ts';
import { startStore } from './state/store.ts';
import { Shell } from './parts/shell.tsx';

screens.value = screensOf(import.meta.glob<{ readonly screen?: Screen }>('./screens/*.tsx', { eager: true }));
keepSettings();
followLinks();
startStore();
startSession();
startSound();
const page = document.querySelector('#page')!;
keepFocus(page);
render(<Shell />, page);
