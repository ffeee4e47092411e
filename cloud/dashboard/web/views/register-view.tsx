import { useState } from 'preact/hooks';
import type { InterventionView, VoltageQualityRow } from '../../../../shared/contracts/desk.ts';
import { duration, kw, number, pu, words } from '../lib/format.ts';
import { near } from '../lib/zone.ts';
import { DeskTabs } from '../parts/desk-tabs.tsx';
import { Panel, Problem, Waiting } from '../parts/layout.tsx';
import { PriorityMark } from '../parts/marks.tsx';
import { useAnswer } from '../state/api.ts';
import { zone } from '../state/settings.ts';
import { moment, tick } from '../state/store.ts';
import { t, translate } from '../words/t.ts';
import { ColumnHeads } from '../parts/column-heads.tsx';

const AGAIN_MS = 10_000;

/** Interventions on devices, and voltage quality, to view and to pass on. */
export function RegisterView() {
  return (
    <>
      <DeskTabs title={t('Register')} />
      <Interventions />
      <VoltageQuality />
    </>
  );
}

const Download = ({ path }: { path: string }) => (
  <a href={`${path}${path.includes('?') ? '&' : '?'}format=csv`} download>
    {t('CSV')}
  </a>
);

function Interventions() {
  const answer = useAnswer<{ items: InterventionView[] }>(
    '/v1/interventions?limit=200',
    Math.floor(tick.value / AGAIN_MS),
  );
  return (
    <Panel title={t('Interventions')} class="wide" aside={<Download path="/v1/interventions?limit=10000" />}>
      {answer.state === 'loading' && <Waiting what={t('the register')} />}
      {answer.state === 'bad' && <Problem problem={answer.problem} />}
      {answer.state === 'good' && answer.value.items.length === 0 && (
        <p class="muted waiting">{t('There has been no intervention yet.')}</p>
      )}
      {answer.state === 'good' && answer.value.items.length > 0 && (
        <div class="scroll register" tabIndex={0} role="group" aria-label={t('Interventions')}>
          <table class="data interventions card-rows">
            <thead>
              <ColumnHeads
                names={[
                  t('Device'),
                  t('Begun'),
                  t('Lasted'),
                  t('Who'),
                  t('How deep'),
                  t('Energy'),
                  t('Why'),
                  t('Based on measurement'),
                ]}
                numeric={[t('How deep'), t('Energy')]}
              />
            </thead>
            <tbody>
              {answer.value.items.map((each) => (
                <tr key={each.id}>
                  <th scope="row">{`${each.gateway}/${each.device}`}</th>
                  <td class="when" data-name={t('Begun')}>
                    {near(each.startedAt, moment.value.now, zone())}
                  </td>
                  <td class="when" data-name={t('Lasted')}>
                    {each.endedAt === null ? <b>{t('ongoing')}</b> : duration(each.endedAt - each.startedAt)}
                  </td>
                  <td data-name={t('Who')}>
                    {each.who} {each.who !== each.kind && <span class="tag">{words(each.kind)}</span>}
                  </td>
                  <td class="num" data-name={t('How deep')}>{`${kw(each.depthKw)} kW`}</td>
                  <td class="num" data-name={t('Energy')}>{`${number(each.energyKwh, 1)} kWh`}</td>
                  <td data-name={t('Why')}>{translate(each.why)}</td>
                  <td data-name={t('Measurement')}>{each.measurement}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}

interface QualityAnswer {
  readonly week: string;
  readonly items: readonly VoltageQualityRow[];
}

function VoltageQuality() {
  const [week, setWeek] = useState('');
  const fits = /^\d{4}-W\d{2}$/.test(week);
  const path = `/v1/reports/voltage-quality${fits ? `?week=${week}` : ''}`;
  const answer = useAnswer<QualityAnswer>(path);
  return (
    <Panel
      title={
        answer.state === 'good' ? t('Voltage quality, week {week}', { week: answer.value.week }) : t('Voltage quality')
      }
      label={t('Voltage quality')}
      class="wide"
      aside={
        <>
          <label class="row">
            <span>{t('Week')}</span>
            <input
              value={week}
              placeholder="2021-W38"
              size={10}
              maxLength={8}
              onInput={({ currentTarget }) => setWeek(currentTarget.value.trim())}
            />
          </label>
          <Download path={path} />
        </>
      }
    >
      <p class="muted">
        {t(
          'EN 50160, 10-min means: at medium voltage 99 % of a week within ±10 %, at low voltage 95 %; means that were not measured are not judged.',
        )}
      </p>
      {answer.state === 'loading' && <Waiting what={t('the report')} />}
      {answer.state === 'bad' && <Problem problem={answer.problem} />}
      {answer.state === 'good' && answer.value.items.length === 0 && (
        <p class="muted waiting">{t('No place with a voltage meter is known.')}</p>
      )}
      {answer.state === 'good' && answer.value.items.length > 0 && (
        <div class="scroll register" tabIndex={0} role="group" aria-label={t('Voltage quality by place')}>
          <table class="data quality card-rows pairs">
            <thead>
              <ColumnHeads
                names={[
                  t('Place'),
                  t('Level'),
                  t('Measured'),
                  t('Within ±10 %'),
                  t('Lowest, pu'),
                  t('Highest, pu'),
                  t('Verdict'),
                ]}
              />
            </thead>
            <tbody>
              {answer.value.items.map((row) => (
                <tr key={`${row.substation}${row.device}`}>
                  <th scope="row">
                    {`${row.substation} ${row.device}`} <span class="tag">{row.element}</span>
                  </th>
                  <td data-name={t('Level')}>{row.level}</td>
                  <td data-name={t('Measured')}>
                    {t('{measured} of {intervals}', {
                      measured: number(row.measured),
                      intervals: number(row.intervals),
                    })}
                  </td>
                  <td data-name={t('Within ±10 %')}>
                    {row.withinPct === null ? t('unknown') : `${number(row.withinPct, 2)} %`}
                  </td>
                  <td data-name={t('Lowest, pu')}>{row.lowestPu === null ? t('unknown') : pu(row.lowestPu)}</td>
                  <td data-name={t('Highest, pu')}>{row.highestPu === null ? t('unknown') : pu(row.highestPu)}</td>
                  <td data-name={t('Verdict')}>
                    <span class="link-cell">
                      <PriorityMark level={row.verdict === 'not kept' ? 2 : null} />
                      {translate(row.verdict)}
                    </span>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}
