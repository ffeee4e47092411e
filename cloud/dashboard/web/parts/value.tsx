import type { ValueView } from '../../../../shared/contracts/view.ts';
import type { Level } from '../lib/assess.ts';
import { duration, kw, pu, unknown, withUnit } from '../lib/format.ts';
import { valueFreshness, type Freshness } from '../lib/staleness.ts';
import { cloudLink } from '../state/stream.ts';
import { playedBack, shownMoment, trendPath } from '../state/shown.ts';
import { PriorityMark } from './marks.tsx';
import { t, translate } from '../words/t.ts';

export interface ValueProps {
  readonly value: ValueView;
  readonly format?: (value: number | null) => string;
  readonly unit?: string;
  readonly level?: Level;
  /** Shows the age even while the value is fresh. */
  readonly age?: boolean;
  /** Omits error and age, if they are shown elsewhere. */
  readonly bare?: boolean;
  /** Shortens words to marks, so that each value in a column keeps to one line. */
  readonly short?: boolean;
  /** Its series, `owd-01/battery-1/activePowerKw`; a click opens the trend. */
  readonly series?: string | undefined;
}

export const freshness = (value: ValueView): Freshness => {
  const own = valueFreshness(value, shownMoment.value);
  return own === 'fresh' && cloudLink.value === 'lost' && playedBack.value === null ? 'stale' : own;
};

export const ageText = (time: number | null): string => duration(time === null ? null : shownMoment.value.now - time);

/** Origin and quality of a value in words, for tooltips and screen readers. */
export function provenance(value: ValueView, unit: string): string {
  const parts: string[] = [translate(value.origin)];
  if (value.quality !== 'good') parts.push(t('quality {quality}', { quality: translate(value.quality) }));
  if (value.error !== undefined)
    parts.push(t('standard error {error} {unit}', { error: kw(value.error), unit }).trim());
  parts.push(value.time === null ? t('time unknown') : t('{time} old', { time: ageText(value.time) }));
  return parts.join(', ');
}

function sideNotes(
  value: ValueView,
  shown: { state: Freshness; age: boolean; short: boolean; format: (value: number | null) => string },
): string[] {
  if (shown.state === 'unknown') return [];
  const error = value.origin !== 'measured' && shown.state === 'fresh' ? value.error : undefined;
  return [
    error === undefined || error === 0 ? '' : `±${shown.format(error)}`,
    value.origin !== 'substituted' ? '' : shown.short ? t('subst.') : t('substituted'),
    value.quality === 'bad' ? t('bad') : '',
    shown.age && value.time !== null ? ageText(value.time) : '',
  ].filter(Boolean);
}

/** A number with its quality: estimates are italic with their error, stale values hatched with their age, unknown values say so. */
export function Value({
  value,
  format = kw,
  unit = '',
  level = null,
  age = false,
  bare = false,
  short = false,
  series,
}: ValueProps) {
  const state = freshness(value);
  const notes = bare ? [] : sideNotes(value, { state, age: age || state === 'stale', short, format });
  const shown = state === 'unknown' ? unknown() : withUnit(format(value.value), unit);
  const classes = ['value', `is-${state}`, `from-${value.origin}`, level === null ? '' : `level-${level}`];
  return (
    <span class={classes.filter(Boolean).join(' ')} title={provenance(value, unit)}>
      <PriorityMark level={level} />
      {series === undefined ? (
        <span class="value-number">{shown}</span>
      ) : (
        <a class="value-link" href={trendPath(series)}>
          <span class="value-number">{shown}</span>
          <span class="unseen">{`, ${t('trend of {device}', { device: series.split('/')[1] ?? '' })}`}</span>
        </a>
      )}
      {!bare && <span class="value-side">{notes.join(' ')}</span>}
      <span class="unseen">{`, ${state === 'stale' ? `${t('stale,')} ` : ''}${translate(value.origin)}`}</span>
    </span>
  );
}

interface RangeProps {
  readonly low: ValueView;
  readonly high: ValueView;
  readonly level?: Level;
  readonly unit?: string;
}

/** The range from the lowest to the highest bus voltage; as stale as the staler of the two. */
export function VoltageRange({ low, high, level = null, unit = '' }: RangeProps) {
  const states = [low, high].map(freshness);
  const state = states.includes('unknown') ? 'unknown' : states.includes('stale') ? 'stale' : 'fresh';
  const text =
    state === 'unknown'
      ? unknown()
      : withUnit(t('{low} to {high}', { low: pu(low.value), high: pu(high.value) }), unit);
  return (
    <span class={`value is-${state} from-${low.origin}`} title={provenance(low, 'pu')}>
      <PriorityMark level={level} />
      <span class="value-number">{text}</span>
    </span>
  );
}
