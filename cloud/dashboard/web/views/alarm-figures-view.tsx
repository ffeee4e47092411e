import { useState } from 'preact/hooks';
import type { AlarmFiguresView as FiguresAnswer, AlarmRuleView } from '../../../../shared/contracts/alarm.ts';
import { number, percent } from '../lib/format.ts';
import { day } from '../lib/zone.ts';
import { Panel, Problem, Waiting } from '../parts/layout.tsx';
import { PriorityMark } from '../parts/marks.tsx';
import { useAnswer } from '../state/api.ts';
import { zone } from '../state/settings.ts';
import { hasPlantTime, moment } from '../state/store.ts';
import { t, translate } from '../words/t.ts';

const DAYS = [1, 7, 30, 90];
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** Key figures of the alarm system, compared with ISA-18.2 and EEMUA 191. */
export function AlarmFiguresView() {
  const [days, setDays] = useState(7);
  const to = Math.floor(moment.value.now / HOUR_MS) * HOUR_MS + HOUR_MS;
  const path = `/v1/alarms/figures?from=${new Date(to - days * DAY_MS).toISOString()}&to=${new Date(to).toISOString()}`;
  const answer = useAnswer<FiguresAnswer>(hasPlantTime.value ? path : null, path);
  return (
    <>
      <div class="place">
        <nav class="crumbs" aria-label={t('Place')}>
          <a href="/alarms">{t('Alarms')}</a>
          <span aria-hidden="true">/</span>
        </nav>
        <h1 tabIndex={-1}>{t('Alarm figures')}</h1>
        <div class="segments" role="group" aria-label={t('Span')}>
          {DAYS.map((each) => (
            <button type="button" key={each} aria-pressed={each === days} onClick={() => setDays(each)}>
              {each === 1 ? t('1 day') : t('{each} days', { each })}
            </button>
          ))}
        </div>
      </div>
      {answer.state === 'loading' && <Waiting what={t('the figures')} />}
      {answer.state === 'bad' && <Problem problem={answer.problem} />}
      {answer.state === 'good' && <Figures figures={answer.value} />}
    </>
  );
}

interface Figure {
  readonly name: string;
  readonly value: string;
  readonly target: string;
  readonly met: boolean;
}

const shareOf = (share: number): string => `${number(share * 100, share > 0 && share < 0.1 ? 1 : 0)} %`;

function rowsOf(view: FiguresAnswer): Figure[] {
  const { perDay, perTenMinutes, floodShare, frequentShare, chattering, stale, priorityShare, told: announced } = view;
  const priority = (level: 1 | 2 | 3, target: number): Figure => ({
    name: t('Priority {level}', { level }),
    value: shareOf(priorityShare[level]),
    target: t('about {target} %', { target }),
    met: announced === 0 || Math.abs(priorityShare[level] * 100 - target) <= (level === 3 ? 15 : 7.5),
  });
  return [
    { name: t('Alarms a day'), value: number(perDay, 1), target: t('about 150, at most 300'), met: perDay <= 300 },
    {
      name: t('In 10 min, on average'),
      value: number(perTenMinutes.mean, 2),
      target: t('about 1, at most 2'),
      met: perTenMinutes.mean <= 2,
    },
    {
      name: t('In 10 min, at most'),
      value: number(perTenMinutes.most),
      target: t('10 or fewer'),
      met: perTenMinutes.most <= 10,
    },
    { name: t('Time in flood'), value: shareOf(floodShare), target: t('under 1 %'), met: floodShare < 0.01 },
    {
      name: t('Ten most frequent together'),
      value: shareOf(frequentShare),
      target: t('under 5 %'),
      met: announced === 0 || frequentShare < 0.05,
    },
    { name: t('Chattering'), value: number(chattering), target: '0', met: chattering === 0 },
    { name: t('Standing for over a day'), value: number(stale), target: t('under 5'), met: stale < 5 },
    priority(3, 80),
    priority(2, 15),
    priority(1, 5),
  ];
}

function Figures({ figures }: { figures: FiguresAnswer }) {
  const rules = useAnswer<{ items: readonly AlarmRuleView[] }>('/v1/alarms/rules');
  const nameOf = (code: string): string =>
    translate(
      (rules.state === 'good' ? rules.value.items.find((rule) => rule.code === code)?.name : undefined) ?? code,
    );
  return (
    <div class="halves">
      <Panel
        title={t('Compared with targets')}
        aside={<span class="muted">{t('{told, plural, one {# alarm} other {# alarms}}', { told: figures.told })}</span>}
      >
        <table class="data figures">
          <thead>
            <tr>
              <th scope="col">{t('Figure')}</th>
              <th scope="col" class="num">
                {t('Is')}
              </th>
              <th scope="col">{t('Target')}</th>
              <th scope="col">
                <span class="unseen">{t('Met')}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {rowsOf(figures).map(({ name, value, target, met }) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td class="num strong">{value}</td>
                <td class="muted">{target}</td>
                <td>
                  {met ? (
                    <span class="muted">{t('met')}</span>
                  ) : (
                    <span class="link-cell strong">
                      <PriorityMark level={3} label={t('target')} />
                      {t('missed')}
                    </span>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
        <p class="muted foot">
          {t('Shelved {shelved}, out of service {out} now.', {
            shelved: figures.shelved,
            out: figures.outOfService,
          })}
        </p>
      </Panel>
      <div class="stack">
        <Panel title={t('Ten most frequent')}>
          {figures.frequent.length === 0 ? (
            <p class="muted waiting">{t('No alarm in this span.')}</p>
          ) : (
            <div class="scroll" tabIndex={0} role="group" aria-label={t('Ten most frequent alarms')}>
              <table class="data">
                <thead>
                  <tr>
                    <th scope="col">{t('Alarm')}</th>
                    <th scope="col">{t('Source')}</th>
                    <th scope="col" class="num">
                      {t('Count')}
                    </th>
                    <th scope="col" class="num">
                      {t('Share')}
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {figures.frequent.map(({ source, code, about, count }) => (
                    <tr key={`${source}${code}${about}`}>
                      <th scope="row">{nameOf(code)}</th>
                      <td>
                        {source} {about !== null && <span class="tag">{about}</span>}
                      </td>
                      <td class="num">{number(count)}</td>
                      <td class="num">{`${percent((count / figures.told) * 100)} %`}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )}
        </Panel>
        <Panel title={t('Alarms a day')}>
          <Daily figures={figures} />
        </Panel>
      </div>
    </div>
  );
}

function Daily({ figures }: { figures: FiguresAnswer }) {
  const days = Array.from({ length: Math.ceil(figures.hourly.length / 24) }, (_, index) => ({
    until: figures.from + (index + 1) * DAY_MS - 1,
    count: figures.hourly.slice(index * 24, index * 24 + 24).reduce((sum, each) => sum + each, 0),
  }));
  const most = Math.max(1, ...days.map(({ count }) => count));
  return (
    <div class="scroll log" tabIndex={0} role="group" aria-label={t('Alarms of each day')}>
      <table class="data daily">
        <thead class="unseen">
          <tr>
            <th scope="col">{t('24 h until')}</th>
            <th scope="col">{t('Bar')}</th>
            <th scope="col">{t('Alarms')}</th>
          </tr>
        </thead>
        <tbody>
          {days.toReversed().map(({ until, count }) => (
            <tr key={until}>
              <th scope="row">{day(until, zone())}</th>
              <td class="bar-cell">
                <svg class="day-bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
                  <rect width={(count / most) * 100} height="10" />
                </svg>
              </td>
              <td class="num">{number(count)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
