import type { Sentence } from '../../../../shared/contracts/sentence.ts';
import type { ForecastAnswer } from '../../../../shared/contracts/planner.ts';
import { useState } from 'preact/hooks';
import { kw } from '../lib/format.ts';
import { dayClock } from '../lib/zone.ts';
import { Panel, Problem, Waiting } from '../parts/layout.tsx';
import { useAnswer } from '../state/api.ts';
import { zone } from '../state/settings.ts';
import { saidIn, t, type Text } from '../words/t.ts';

interface ExplanationAnswer {
  readonly start: string;
  readonly base: readonly number[];
  readonly contributions: Readonly<Record<string, readonly number[]>>;
  readonly summary: readonly string[];
  readonly sentences?: readonly Sentence[];
}

const COLUMNS: readonly (readonly [name: string, title: Text])[] = [
  ['recentLoad', 'Recent load'],
  ['pastDays', 'Days before'],
  ['calendar', 'Kind of day'],
  ['sun', 'Sun'],
  ['wind', 'Wind'],
  ['temperature', 'Temperature'],
  ['adjustment', 'Other'],
];
const STEP_MS = 900_000;
/** Every three hours of the next day. */
const EVERY = 12;
const ROWS = 8;

/** Why the forecast differs from the model's answer for the previous days, in words and figures; requested when opened. */
export function Explanation({ forecast }: { readonly forecast: ForecastAnswer }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <Panel
      title={t('Why it says so')}
      aside={
        <button type="button" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          {isOpen ? t('Hide') : t('Explain')}
        </button>
      }
    >
      {isOpen ? (
        <Explained id={forecast.id} />
      ) : (
        <p class="muted">{t('What recent load, the days before, the kind of day, sun and wind add to the median.')}</p>
      )}
    </Panel>
  );
}

function Explained({ id }: { readonly id: string }) {
  const answer = useAnswer<ExplanationAnswer>(`/v1/forecasts/${id}/explanation`);
  if (answer.state === 'loading') return <Waiting what={t('the explanation')} />;
  if (answer.state === 'bad') return <Problem problem={answer.problem} />;
  return (
    <>
      {answer.value.summary.map((sentence) => (
        <p key={sentence}>{saidIn(sentence, answer.value.sentences)}</p>
      ))}
      <Contributions explanation={answer.value} />
    </>
  );
}

function Contributions({ explanation }: { readonly explanation: ExplanationAnswer }) {
  const { start, base, contributions } = explanation;
  const shown = COLUMNS.filter(([name]) => contributions[name]?.some((value) => Math.abs(value) >= 0.5) ?? false);
  const steps = Array.from({ length: ROWS }, (_, row) => row * EVERY).filter((step) => step < base.length);
  const sumAt = (step: number): number =>
    COLUMNS.reduce((sum, [name]) => sum + (contributions[name]?.[step] ?? 0), base[step]!);
  return (
    <div class="scroll" tabIndex={0} role="group" aria-label={t('What adds to the forecast')}>
      <table class="data">
        <caption>{t('kW; the columns add up to P50')}</caption>
        <thead>
          <tr>
            <th scope="col">{t('Time')}</th>
            <th scope="col" class="num">
              {t('Usual')}
            </th>
            {shown.map(([name, title]) => (
              <th scope="col" class="num" key={name}>
                {t(title)}
              </th>
            ))}
            <th scope="col" class="num">
              P50
            </th>
          </tr>
        </thead>
        <tbody>
          {steps.map((step) => (
            <tr key={step}>
              <th scope="row">{dayClock(Date.parse(start) + step * STEP_MS, zone())}</th>
              <td class="num">{kw(base[step])}</td>
              {shown.map(([name]) => (
                <td class="num" key={name}>
                  {kw(contributions[name]?.[step])}
                </td>
              ))}
              <td class="num">{kw(sumAt(step))}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
