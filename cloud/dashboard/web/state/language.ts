import { effect } from '@preact/signals';
import type { Catalogue } from '../words/catalogue.ts';
import { speak, type Language } from '../words/t.ts';
import { languageChoice } from './settings.ts';

/** English is built in; other languages load on demand. */
const catalogues: Readonly<Record<Exclude<Language, 'en'>, () => Promise<{ readonly catalogue: Catalogue }>>> = {
  nl: () => import('../words/nl/index.ts'),
  de: () => import('../words/de/index.ts'),
};

/** Switches to a language, or to English if its texts do not load. A newer choice wins over a slower one. */
async function take(wanted: Language): Promise<void> {
  const found = wanted === 'en' ? undefined : await catalogues[wanted]().catch(() => undefined);
  if (languageChoice.peek() !== wanted) return;
  const language = found === undefined ? 'en' : wanted;
  speak(language, found?.catalogue);
  document.documentElement.lang = language;
}

/** Follows the chosen language; resolves when the first view can be rendered in it. */
export async function keepLanguage(): Promise<void> {
  let first: Promise<void> | undefined;
  effect(() => {
    const taken = take(languageChoice.value);
    first ??= taken;
  });
  await first;
}
