import { render } from 'preact';
import { screensOf, type Screen } from './lib/screen.ts';
import { keepFocus } from './state/keep-focus.ts';
import { followLinks, screens } from './state/route.ts';
import { keepLanguage } from './state/language.ts';
import { keepSettings, zone } from './state/settings.ts';
import { startSound } from './state/sound.ts';
import { startPresence } from './state/lock.ts';
import { startSession } from './state/sign-in.ts';
import { moment, startStore } from './state/store.ts';
import { inZone } from './lib/zone.ts';
import { tellTimes } from './words/t.ts';
import { Shell } from './parts/shell.tsx';

screens.value = screensOf(import.meta.glob<{ readonly screen?: Screen }>('./screens/*.tsx', { eager: true }));
keepSettings();
followLinks();
startStore();
// Peeks at the time, because the day is enough and screens must not render again every second.
tellTimes((text) => inZone(text, moment.peek().now, zone()));
startSession();
startPresence();
startSound();
const page = document.querySelector('#page')!;
keepFocus(page);
void keepLanguage().then(() => render(<Shell />, page));
