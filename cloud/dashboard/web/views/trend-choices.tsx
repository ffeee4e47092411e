import { useState } from 'preact/hooks';
import type { DevicePageView } from '../../../../shared/contracts/desk.ts';
import type { SubstationView } from '../../../../shared/contracts/view.ts';
import { duration } from '../lib/format.ts';
import { addressOf, dayOfWindow, moved, spanned, windowOfDay, type TrendWindow } from '../lib/trend-window.ts';
import { metricName, metricsOf, SPANS, seriesName, TREND } from '../lib/trend-words.ts';
import { useAnswer } from '../state/api.ts';
import { choose, chooseAll } from '../state/route.ts';
import { zone } from '../state/settings.ts';
import { moment, region } from '../state/store.ts';
import { t } from '../words/t.ts';
import { MOST } from './trend-spec.ts';

/** Maximum devices offered for a substation; others can open their trend from their own row. */
const MOST_DEVICES = 500;

/** A measuring device, `owd-01/battery-1`, and its type. */
interface Source {
  readonly id: string;
  readonly type: string;
  readonly name: string;
}

/** Meters of a transformer and of its feeders' heads. */
const metersOf = ({ gateway, series, headSeries }: SubstationView): Source[] =>
  [...(series === undefined ? [] : [series]), ...headSeries].map((each) => {
    const [, device = ''] = each.split('/');
    return { id: `${gateway}/${device}`, type: 'head', name: device };
  });

/** Adds a value of the current substation or of another one's meter, and removes values. */
export function Choices({ names }: { names: readonly string[] }) {
  const [chosen, setChosen] = useState('');
  const substations = region.value?.substations ?? [];
  const [own = ''] = (names[0] ?? '').split('/');
  const place = substations.find(({ gateway }) => gateway === own);
  const answer = useAnswer<DevicePageView>(
    place === undefined ? null : `/v1/devices?substation=${encodeURIComponent(place.id)}&limit=${MOST_DEVICES}`,
  );
  const devices = answer.state === 'good' ? answer.value.items : [];
  const groups = [...(place === undefined ? [] : [place]), ...substations.filter((each) => each !== place)].map(
    (each) => ({
      name: each.name,
      sources: [
        ...metersOf(each),
        ...(each === place
          ? devices.map(({ id, type, name }) => ({ id, type, name: `${name} (${id.split('/')[1]})` }))
          : []),
      ],
    }),
  );
  const sources = groups.flatMap((group) => group.sources);
  const first = (names[0] ?? '').split('/').slice(0, 2).join('/');
  const source = sources.find(({ id }) => id === (chosen === '' ? first : chosen)) ?? sources[0];
  const left =
    source === undefined ? [] : metricsOf(source.type).filter((each) => !names.includes(`${source.id}/${each}`));
  const set = (next: readonly string[]): void => choose('series', next.join(','));
  return (
    <form class="filters" onSubmit={(event) => event.preventDefault()}>
      {names.length < MOST && source !== undefined && (
        <>
          <label>
            {TREND.source()}
            <select value={source.id} onChange={(event) => setChosen(event.currentTarget.value)}>
              {groups.map((group) => (
                <optgroup key={group.name} label={group.name}>
                  {group.sources.map(({ id, name }) => (
                    <option key={id} value={id}>
                      {name}
                    </option>
                  ))}
                </optgroup>
              ))}
            </select>
          </label>
          <label>
            {TREND.add()}
            <select value="" onChange={(event) => set([...names, `${source.id}/${event.currentTarget.value}`])}>
              <option value=""></option>
              {left.map((each) => (
                <option key={each} value={each}>
                  {metricName(each)}
                </option>
              ))}
            </select>
          </label>
        </>
      )}
      {names.length > 1 &&
        names.map((each) => (
          <button key={each} type="button" class="quiet" onClick={() => set(names.filter((name) => name !== each))}>
            {TREND.remove(seriesName(each))}
          </button>
        ))}
    </form>
  );
}

/** Keyboard equivalent of dragging: any minute of any day can be reached. */
export function Times({ window }: { window: TrendWindow }) {
  const { now } = moment.value;
  const show = (next: TrendWindow): void => chooseAll(addressOf(next));
  const { spanS, end } = window;
  const onDay = (name: string): void => {
    const day = windowOfDay(name, zone(), now);
    if (day !== undefined) show(day);
  };
  return (
    <form class="filters" onSubmit={(event) => event.preventDefault()}>
      <label>
        {TREND.span()}
        <select
          value={String(spanS)}
          onChange={(event) => show(spanned(window, Number(event.currentTarget.value), now))}
        >
          {SPANS.every(([, seconds]) => seconds !== spanS) && (
            <option value={String(spanS)}>{duration(spanS * 1000)}</option>
          )}
          {SPANS.map(([text, seconds]) => (
            <option key={text} value={String(seconds)}>
              {t(text)}
            </option>
          ))}
        </select>
      </label>
      <label>
        {TREND.day()}
        <input
          type="date"
          value={dayOfWindow(window, zone(), now)}
          max={dayOfWindow({ spanS, end: null }, zone(), now)}
          onChange={(event) => onDay(event.currentTarget.value)}
        />
      </label>
      <span class="row" role="group" aria-label={t('Time')}>
        <button type="button" onClick={() => show(moved(window, -1, now))}>
          {TREND.earlier()}
        </button>
        <button type="button" disabled={end === null} onClick={() => show(moved(window, 1, now))}>
          {TREND.later()}
        </button>
        <button type="button" onClick={() => show(spanned(window, spanS / 2, now))}>
          {TREND.closer()}
        </button>
        <button type="button" onClick={() => show(spanned(window, spanS * 2, now))}>
          {TREND.wider()}
        </button>
        <button type="button" disabled={end === null} onClick={() => show({ spanS, end: null })}>
          {TREND.live()}
        </button>
      </span>
    </form>
  );
}
