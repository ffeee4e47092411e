import { computed, effect, signal } from '@preact/signals';
import type { Language } from '../words/t.ts';

export type Theme = 'system' | 'light' | 'dark';
export type SoundChoice = 'on' | 'off';
/** Which alarms are listed, sound and appear in the banner. */
export type AlarmScope = 'all' | 'mine';
export type ZoneChoice = 'utc' | 'local';

const read = (storage: Storage, key: string): string | null => {
  try {
    return storage.getItem(key);
  } catch {
    return null;
  }
};
const write = (storage: Storage, key: string, value: string): void => {
  try {
    storage.setItem(key, value);
  } catch {
    // Storage may be blocked: the choice then lasts until the page is closed.
  }
};

const stored = <T extends string>(key: string, choices: readonly T[]): T =>
  choices.find((choice) => choice === read(localStorage, key)) ?? choices[0]!;

export const theme = signal<Theme>(stored('loadstone.theme', ['system', 'light', 'dark']));
export const zoneChoice = signal<ZoneChoice>(stored('loadstone.zone', ['local', 'utc']));
/** Each language by its own name. */
export const LANGUAGES: Readonly<Record<Language, string>> = { en: 'English', nl: 'Nederlands', de: 'Deutsch' };

/** Returns the browser's most preferred language that the page has. */
function ofBrowser(): Language {
  const wishes = navigator.languages.map((wish) => wish.toLowerCase().split('-')[0] ?? '');
  return wishes.find((wish): wish is Language => Object.hasOwn(LANGUAGES, wish)) ?? 'en';
}

export const languageChoice = signal<Language>(stored('loadstone.language', [ofBrowser(), 'en', 'nl', 'de']));
export const alarmSound = signal<SoundChoice>(stored('loadstone.sound', ['on', 'off']));
export const alarmScope = signal<AlarmScope>(stored('loadstone.alarmScope', ['all', 'mine']));
/** Counts how often the cloud came back. */
export const comebacks = signal(0);
/** Counts how often notices of the stream were dropped. */
export const gaps = signal(0);
/** Data read by request is read again when this changes. */
export const rereads = computed(() => comebacks.value + gaps.value);
const darkQuery = matchMedia('(prefers-color-scheme: dark)');
export const systemIsDark = signal(darkQuery.matches);
/** Time zone of the region; the browser's until the region is known. */
export const localZone = signal<string>(Intl.DateTimeFormat().resolvedOptions().timeZone);

export const zone = (): string => (zoneChoice.value === 'utc' ? 'UTC' : localZone.value);

export function keepSettings(): void {
  darkQuery.addEventListener('change', () => (systemIsDark.value = darkQuery.matches));
  effect(() => {
    document.documentElement.dataset['theme'] = theme.value;
    write(localStorage, 'loadstone.theme', theme.value);
  });
  effect(() => write(localStorage, 'loadstone.zone', zoneChoice.value));
  effect(() => write(localStorage, 'loadstone.language', languageChoice.value));
  effect(() => write(localStorage, 'loadstone.sound', alarmSound.value));
  effect(() => write(localStorage, 'loadstone.alarmScope', alarmScope.value));
}
