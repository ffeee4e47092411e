import type { ScoreRow } from '../../../../shared/contracts/planner.ts';
import { kw, number } from '../lib/format.ts';
import { Panel, Problem, Waiting } from '../parts/layout.tsx';
import { useAnswer } from '../state/api.ts';
import { choose, query } from '../state/route.ts';
import { hasPlantTime, quarter, substationOf } from '../state/store.ts';
import { kindOf, Targets } from '../screens/forecast.tsx';
import { Place } from '../screens/place.tsx';
import { t, type Text } from '../words/t.ts';

const SPANS = { '1': '24 h', '7': '7 days', '28': '28 days', '90': '90 days' } as const satisfies Readonly<
  Record<string, Text>
>;
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** Accuracy of a target's forecasts by lead time, compared with naive and external ones. */
export function ScorecardView({ id }: { id: string }) {
  const kind = kindOf(id);
  const substation = substationOf(id);
  return (
    <>
      <Place id={id} title={t('Scorecard {kind}', { kind: kind === 'feeder' ? id : (substation?.name ?? id) })} />
      <Targets id={id} screen="scorecards" />
      <Scorecard target={`${kind}:${id}`} key={`${kind}${id}`} />
    </>
  );
}

function Scorecard({ target }: { target: string }) {
  const asked = query.value.get('days');
  const days = asked !== null && Object.hasOwn(SPANS, asked) ? Number(asked) : 7;
  // Read again every hour: a scorecard over days changes little in between.
  const end = Math.floor((quarter.value * 900_000) / HOUR_MS) * HOUR_MS;
  const iso = (time: number): string => new Date(time).toISOString();
  const path = `/v1/scorecards?target=${target}&start=${iso(end - days * DAY_MS)}&end=${iso(end)}`;
  const scores = useAnswer<{ items: ScoreRow[] }>(hasPlantTime.value ? path : null);
  return (
    <Panel
      title={t('Accuracy in operation')}
      class="wide"
      aside={
        <form class="filters" onSubmit={(event) => event.preventDefault()}>
          <label>
            {t('Last')}
            <select
              value={String(days)}
              onChange={(event) => choose('days', event.currentTarget.value === '7' ? '' : event.currentTarget.value)}
            >
              {Object.entries(SPANS).map(([value, text]) => (
                <option key={value} value={value}>
                  {t(text)}
                </option>
              ))}
            </select>
          </label>
        </form>
      }
    >
      {scores.state === 'loading' && <Waiting what={t('the scorecard')} />}
      {scores.state === 'bad' && <Problem problem={scores.problem} />}
      {scores.state === 'good' && <Scores rows={scores.value.items} />}
    </Panel>
  );
}

function Scores({ rows }: { rows: readonly ScoreRow[] }) {
  const [first] = rows;
  if (first === undefined)
    return <p class="waiting muted">{t('Nothing is scored yet: no forecast of this span has been measured since.')}</p>;
  const { badQuality, outage, missing } = first.excluded;
  const classes = [...Map.groupBy(rows, ({ leadTime }) => leadTime ?? '')];
  return (
    <>
      <div class="scroll" tabIndex={0} role="group" aria-label={t('Scores by lead time and model')}>
        <table class="data scores">
          <thead>
            <tr>
              <th scope="col">{t('Model')}</th>
              <th scope="col" class="num">
                {t('nMAE, %')}
              </th>
              <th scope="col" class="num">
                {t('Pinball, %')}
              </th>
              <th scope="col" class="num" title={t('share of the load between P10 and P90; 80 wanted')}>
                {t('In band, %')}
              </th>
              <th scope="col" class="num from-tablet">
                {t('Bias, kW')}
              </th>
              <th scope="col" class="num from-tablet">
                {t('MAE, kW')}
              </th>
              <th
                scope="col"
                class="num"
                title={t('1 less MAE over that of the best naive forecast, with its 95 % interval')}
              >
                {t('Skill')}
              </th>
              <th scope="col" class="num from-tablet">
                {t('Steps')}
              </th>
            </tr>
          </thead>
          {classes.map(([lead, own]) => (
            <tbody key={lead}>
              <tr class="group">
                <th scope="rowgroup" colSpan={8}>
                  {t('Lead time {lead}', { lead: leadText(lead) })}
                </th>
              </tr>
              {own
                .toSorted((a, b) => a.nMae - b.nMae)
                .map((row, index) => (
                  <Row key={row.model} row={row} isBest={index === 0} />
                ))}
            </tbody>
          ))}
        </table>
      </div>
      <p class="muted foot">
        {t(
          'Of the span {missing, plural, one {# step} other {# steps}} missing, {bad} of bad quality and {outage} in an outage or switching are left out. nMAE and pinball are over the mean load.',
          { missing, bad: badQuality, outage },
        )}
      </p>
    </>
  );
}

function Row({ row, isBest }: { row: ScoreRow; isBest: boolean }) {
  const { model, coverage, skill } = row;
  const isNaive = model?.startsWith('baseline:') === true;
  const inBand = ((coverage['P90'] ?? 0) - (coverage['P10'] ?? 0)) * 100;
  return (
    <tr class={isNaive ? 'muted' : ''}>
      <th scope="row">
        {isBest ? <b title={t('lowest error of this lead time')}>{nameOf(model)}</b> : nameOf(model)}
        {row.fallbackShare > 0 && !isNaive && (
          <span class="muted">{` ${t('{share} % fallback', { share: number(row.fallbackShare * 100) })}`}</span>
        )}
      </th>
      <td class="num">{number(row.nMae * 100, 1)}</td>
      <td class="num">{number(row.pinball * 100, 1)}</td>
      <td class="num">{isNaive ? '' : number(inBand)}</td>
      <td class="num from-tablet">{kw(row.biasKw)}</td>
      <td class="num from-tablet">{kw(row.maeKw)}</td>
      <td class="num" title={skill === null ? undefined : t('against {naive}', { naive: skill.naive })}>
        {skill !== null && (
          <>
            {number(skill.bestNaive, 2)}
            <span class="from-tablet">{` ${t('({least} to {most})', { least: number(skill.ci95[0], 2), most: number(skill.ci95[1], 2) })}`}</span>
          </>
        )}
      </td>
      <td class="num from-tablet">{number(row.n)}</td>
    </tr>
  );
}

const leadText = (lead: string): string =>
  lead === '' ? t('of all') : t('up to {lead}', { lead: lead.replace(/^PT(\d+)H$/, '$1 h') });

const NAIVE: Readonly<Record<string, Text>> = {
  'baseline:seasonalNaive24': 'naive: a day before',
  'baseline:seasonalNaive168': 'naive: a week before',
  'baseline:persistence': 'naive: last value',
  'baseline:sameHourMean7': 'naive: mean of seven days',
};
const nameOf = (model: string | null): string => {
  if (model === null) return t('of all');
  const naive = NAIVE[model];
  return naive === undefined ? model.replace(/^external:/, `${t('external')}: `) : t(naive);
};
