import { computed, effect, signal } from '@preact/signals';
import { concernsMe } from './areas.ts';
import { alarmSound, comebacks } from './settings.ts';
import { alarmDesk } from './store.ts';

const EVERY_MS = 10_000;
const TONES_HZ: Readonly<Record<number, readonly number[]>> = { 1: [880, 660, 880], 2: [660, 660], 3: [520] };
const TONE_S = 0.18;

/** The operator has silenced all announcements up to this count. */
const silencedAt = signal(-1);

/** The priority that sounds now; null: quiet. A returned alarm waits for its acknowledgement silently. */
export const sounding = computed(() => {
  const desk = alarmDesk.value;
  if (desk === null || alarmSound.value === 'off' || desk.told <= silencedAt.value) return null;
  return desk.alarms.find((alarm) => alarm.state === 'unacknowledged' && concernsMe(alarm))?.priority ?? null;
});

/** Silences until the next alarm is announced. */
export const silence = (): void => void (silencedAt.value = alarmDesk.peek()?.told ?? -1);

let audio: AudioContext | undefined;

/** Browsers only let a page make sound after the user has interacted with it; until then it stays quiet. */
function sound(priority: number): void {
  if (!navigator.userActivation.hasBeenActive) return;
  audio ??= new AudioContext();
  // After a sleep or the loss of its loudspeaker, the context is suspended.
  if (audio.state !== 'running') void audio.resume();
  for (const [index, hz] of (TONES_HZ[priority] ?? []).entries()) {
    const from = audio.currentTime + index * TONE_S * 1.4;
    const tone = audio.createOscillator();
    const loudness = audio.createGain();
    tone.frequency.value = hz;
    loudness.gain.setValueAtTime(0.12, from);
    loudness.gain.exponentialRampToValueAtTime(0.001, from + TONE_S);
    tone.connect(loudness).connect(audio.destination);
    tone.start(from);
    tone.stop(from + TONE_S);
  }
}

export function startSound(): void {
  // A restarted cloud counts announcements from the start, so an old silence would mute new alarms.
  comebacks.subscribe(() => (silencedAt.value = -1));
  let timer: number | undefined;
  effect(() => {
    const priority = sounding.value;
    window.clearInterval(timer);
    if (priority === null) return;
    sound(priority);
    timer = window.setInterval(() => sound(priority), EVERY_MS);
  });
}
