import { effect } from '@preact/signals';
import type { Catalogue } from '../words/catalogue.ts';
import { speak, type Language } from '../words/t.ts';
import { languageChoice } from './settings.ts';

/** English stands in the page; the others come when they are asked for. */
const catalogues: Readonly<Record<Exclude<Language, 'en'>, () => Promise<{ readonly catalogue: Catalogue }>>> = {
  nl: () => import('../words/nl/index.ts'),
  de: () => import('../words/de/index.ts'),
};

/** Speaks as wanted; English where the texts do not come. A newer choice wins over a slower one. */
async function take(wanted: Language): Promise<void> {
  const found = wanted === 'en' ? undefined : await catalogues[wanted]().catch(() => undefined);
  if (languageChoice.peek() !== wanted) return;
  const language = found === undefined ? 'en' : wanted;
  speak(language, found?.catalogue);
  document.documentElement.lang = language;
}

/** Speaks the language that is chosen, now and later; resolves when the first view can be drawn in it. */
export async function keepLanguage(): Promise<void> {
  let first: Promise<void> | undefined;
  effect(() => {
    const taken = take(languageChoice.value);
    first ??= taken;
  });
  await first;
}
