import { effect, signal } from '@preact/signals';

export type Theme = 'system' | 'light' | 'dark';
export type SoundChoice = 'on' | 'off';
/** Which alarms are listed, sounded and put into the banner. */
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
    // Storage may be barred: the choice then lasts until the page is closed.
  }
};

const stored = <T extends string>(key: string, choices: readonly T[]): T =>
  choices.find((choice) => choice === read(localStorage, key)) ?? choices[0]!;

export const theme = signal<Theme>(stored('loadstone.theme', ['system', 'light', 'dark']));
export const zoneChoice = signal<ZoneChoice>(stored('loadstone.zone', ['local', 'utc']));
export const alarmSound = signal<SoundChoice>(stored('loadstone.sound', ['on', 'off']));
export const alarmScope = signal<AlarmScope>(stored('loadstone.alarmScope', ['all', 'mine']));
/** Counts the times that the cloud came back: what was read by request is then read again. */
export const comebacks = signal(0);
const darkQuery = matchMedia('(prefers-color-scheme: dark)');
export const systemIsDark = signal(darkQuery.matches);
/** What the region calls local; the browser's zone until the region has said so. */
export const localZone = signal<string>(Intl.DateTimeFormat().resolvedOptions().timeZone);

export const zone = (): string => (zoneChoice.value === 'utc' ? 'UTC' : localZone.value);

export function keepSettings(): void {
  darkQuery.addEventListener('change', () => (systemIsDark.value = darkQuery.matches));
  effect(() => {
    document.documentElement.dataset['theme'] = theme.value;
    write(localStorage, 'loadstone.theme', theme.value);
  });
  effect(() => write(localStorage, 'loadstone.zone', zoneChoice.value));
  effect(() => write(localStorage, 'loadstone.sound', alarmSound.value));
  effect(() => write(localStorage, 'loadstone.alarmScope', alarmScope.value));
}
