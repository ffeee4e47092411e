import { useEffect, useState } from 'preact/hooks';
import { duration } from '../lib/format.ts';
import { dayNamed, dayOf } from '../lib/local-day.ts';
import { clock, date, zoneName } from '../lib/zone.ts';
import { choose } from '../state/route.ts';
import { zone } from '../state/settings.ts';
import { atText } from '../state/shown.ts';
import { hasPlantTime, moment } from '../state/store.ts';
import { t } from '../words/t.ts';

const MINUTE_MS = 60_000;
/** Playback advances a minute per this interval, ms of machine time, once the previous minute is shown. */
const PLAY_MS = 1000;

interface PlaybackBarProps {
  readonly id: string;
  /** The requested moment, and the one that is shown. */
  readonly asked: number | null;
  readonly at: number | null;
  /** The request for the moment failed. */
  readonly hasFailed: boolean;
}

/** The strip that marks the page as past, with a slider over the day. */
export function PlaybackBar({ id, asked, at, hasFailed }: PlaybackBarProps) {
  const [isPlaying, setPlaying] = useState(false);
  const { now } = moment.value;
  const latest = Math.floor(now / MINUTE_MS) * MINUTE_MS;
  const to = (time: number): void => choose('at', atText(Math.min(time, latest)));
  const step = (minutes: number): void => to(Math.round((asked ?? latest) / MINUTE_MS + minutes) * MINUTE_MS);
  const isEnd = asked !== null && asked >= latest;
  useEffect(() => {
    if (!isPlaying || asked === null || at !== asked) return;
    if (isEnd || hasFailed) return setPlaying(false);
    const timer = window.setTimeout(() => step(1), PLAY_MS);
    return () => window.clearTimeout(timer);
  }, [isPlaying, asked, at, hasFailed]);
  const shown = at ?? asked;
  return (
    <section class="playback-bar" aria-label={t('Played back')}>
      <p class="playback-when" role="status">
        <b>{t('Past')}</b>
        {shown === null ? (
          <span>{t('time unknown')}</span>
        ) : (
          <>
            <time dateTime={atText(shown)}>
              {`${date(shown, zone())} ${clock(shown, zone())} ${zoneName(shown, zone())}`}
            </time>
            <span class="playback-ago">
              {isPlaying ? t('playing') : t('{now} ago', { now: duration(now - shown) })}
            </span>
          </>
        )}
      </p>
      {asked !== null && hasPlantTime.value && (
        <>
          <Slider asked={asked} latest={latest} to={to} />
          <div class="row" role="group" aria-label={t('Step')}>
            {STEPS.map(([minutes, text]) => (
              <button key={minutes} type="button" disabled={minutes > 0 && isEnd} onClick={() => step(minutes)}>
                {text}
              </button>
            ))}
            <button type="button" aria-pressed={isPlaying} disabled={isEnd} onClick={() => setPlaying(!isPlaying)}>
              {isPlaying ? t('Pause') : t('Play')}
            </button>
          </div>
        </>
      )}
      <a class="button" href={id === '' ? '/' : `/feeders/${id}`}>
        {t('Back to now')}
      </a>
    </section>
  );
}

const STEPS = [
  [-15, '−15 min'],
  [-1, '−1 min'],
  [1, '+1 min'],
  [15, '+15 min'],
] as const;

function Slider({ asked, latest, to }: { asked: number; latest: number; to: (time: number) => void }) {
  const day = dayOf(asked, zone());
  const today = dayOf(latest, zone());
  const most = day.name === today.name ? (latest - day.start) / MINUTE_MS : day.minutes - 1;
  const minute = Math.floor((asked - day.start) / MINUTE_MS);
  /** Goes to the same time of another day, or to its last minute if the day is shorter. */
  const onDay = (name: string): void => {
    const next = dayNamed(name, zone());
    if (next !== undefined) to(next.start + Math.min(minute, next.minutes - 1) * MINUTE_MS);
  };
  return (
    <>
      <label>
        <span class="unseen">{t('Day')}</span>
        <input type="date" value={day.name} max={today.name} onChange={(event) => onDay(event.currentTarget.value)} />
      </label>
      <label class="playback-slider">
        <span class="unseen">{t('Time of day')}</span>
        <input
          type="range"
          min="0"
          max={most}
          step="1"
          value={minute}
          aria-valuetext={`${clock(asked, zone())} ${zoneName(asked, zone())}`}
          onInput={(event) => to(day.start + Number(event.currentTarget.value) * MINUTE_MS)}
        />
      </label>
    </>
  );
}
