import { useMemo, useState } from 'preact/hooks';
import type { ProblemAnswer } from '../../../../shared/contracts/problem.ts';
import type { ScenarioAnswer, ScenarioSummary, ScenarioView } from '../../../../shared/contracts/planner.ts';
import { kw, number, percent } from '../lib/format.ts';
import { align, quantileSteps } from '../lib/series.ts';
import { dayClock } from '../lib/zone.ts';
import { Chart } from '../parts/chart.tsx';
import { Panel, Problem, Waiting } from '../parts/layout.tsx';
import { useAnswer, type Answer } from '../state/api.ts';
import { startForecast } from '../state/forecast-jobs.ts';
import { choose, query } from '../state/route.ts';
import { may, needs } from '../state/session.ts';
import { zone } from '../state/settings.ts';
import { t, translate, type Text } from '../words/t.ts';

/** Result of the scenario that the address names. */
export function useScenario(): Answer<ScenarioAnswer> {
  const id = query.value.get('scenario');
  return useAnswer<ScenarioAnswer>(id === null ? null : `/v1/forecasts/${encodeURIComponent(id)}`);
}

interface PanelProps {
  readonly target: string;
  readonly answer: Answer<ScenarioAnswer>;
  /** The forecast's chart already shows it. */
  readonly isBeside: boolean;
}

/** Scenarios of the signed-in user: runs one on this target and shows its effect on the base. */
export function ScenarioPanel({ target, answer, isBeside }: PanelProps) {
  const list = useAnswer<{ items: ScenarioView[] }>('/v1/scenarios?limit=1000');
  const [chosen, setChosen] = useState('');
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ProblemAnswer | null>(null);
  const rows = list.state === 'good' ? list.value.items : [];
  const shown = query.value.get('scenario');
  const run = async (): Promise<void> => {
    setBusy(true);
    setProblem(null);
    const started = await startForecast({ target, scenario: chosen });
    setBusy(false);
    if ('problem' in started) setProblem(started.problem);
    else choose('scenario', started.id);
  };
  return (
    <Panel
      title={t('Scenario beside base')}
      class="wide"
      aside={
        <form class="filters" onSubmit={(event) => event.preventDefault()}>
          <label>
            {t('Scenario')}
            <select
              value={chosen}
              onChange={(event) => setChosen(event.currentTarget.value)}
              disabled={rows.length === 0}
            >
              <option value="">{rows.length === 0 ? t('none defined') : t('choose')}</option>
              {rows.map(({ id, name, base }) => (
                <option key={id} value={id}>{`${name} (${translate(base.kind)})`}</option>
              ))}
            </select>
          </label>
          <button type="button" disabled={chosen === '' || busy || !may('planner:write')} onClick={() => void run()}>
            {busy ? t('Running') : t('Run')}
          </button>
          {shown !== null && (
            <button type="button" class="quiet" onClick={() => choose('scenario', '')}>
              {t('Clear')}
            </button>
          )}
        </form>
      }
    >
      {problem !== null && <Problem problem={problem} />}
      {shown === null && problem === null && <p class="muted">{hint(rows.length)}</p>}
      {shown !== null && answer.state === 'loading' && <Waiting what={t('the scenario')} />}
      {shown !== null && answer.state === 'bad' && <Problem problem={answer.problem} />}
      {shown !== null && answer.state === 'good' && (
        <Result answer={answer.value} target={target} isBeside={isBeside} />
      )}
    </Panel>
  );
}

function hint(count: number): string {
  if (!may('planner:write')) return needs(t('a planner'));
  return count === 0
    ? t('Define one with POST /v1/scenarios: charging points, heat pumps, solar, connections, transfers.')
    : t('Choose a scenario and run it on this target.');
}

function Result({ answer, target, isBeside }: { answer: ScenarioAnswer; target: string; isBeside: boolean }) {
  const spec = useMemo(() => {
    const base = quantileSteps({ ...answer, values: answer.base.values }, 'P50');
    const changed = quantileSteps({ ...answer, values: answer.scenario.values }, 'P50');
    const { times, columns } = align([base, changed]);
    return {
      times,
      lines: [
        { label: t('Base'), column: columns[0]!, colour: '--chart-forecast', width: 1.5 },
        { label: t('Scenario'), column: columns[1]!, colour: '--chart-limit', width: 2, dash: [2, 2] },
      ],
      limits:
        answer.limits === null
          ? []
          : [
              {
                value: answer.limits.importKw,
                label: t('import limit {most} kW', { most: Math.round(answer.limits.importKw) }),
              },
            ],
      unit: 'kW',
      height: 300,
    };
  }, [answer]);
  const { base, scenario } = answer.summary;
  return (
    <>
      {answer.target !== target && (
        <p class="notice">
          {t('This result is of {target}; run the scenario to see it here.', { target: answer.target })}
        </p>
      )}
      {!isBeside && <Chart spec={spec} label={t('Base and scenario of {target}', { target: answer.target })} />}
      <div class="scroll" tabIndex={0} role="group" aria-label={t('Summary of the scenario')}>
        <table class="data">
          <thead>
            <tr>
              <th scope="col">{t('Summary')}</th>
              <th scope="col" class="num">
                {t('Base')}
              </th>
              <th scope="col" class="num">
                {t('Scenario')}
              </th>
            </tr>
          </thead>
          <tbody>
            {ROWS.map(([name, of]) => (
              <tr key={name}>
                <th scope="row">{t(name)}</th>
                <td class="num">{of(base)}</td>
                <td class="num">{of(scenario)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {answer.warnings.map((warning) => (
        <p class="notice" key={warning}>
          {translate(warning)}
        </p>
      ))}
    </>
  );
}

const ROWS: readonly (readonly [Text, (of: ScenarioSummary) => string])[] = [
  ['Peak, kW', ({ peakKw }) => kw(peakKw)],
  ['Peak at', ({ peakAt }) => dayClock(Date.parse(peakAt), zone())],
  ['Energy, MWh', ({ energyMwh }) => number(energyMwh, 1)],
  ['Above the import limit, h', ({ hoursAboveLimit }) => number(hoursAboveLimit, 2)],
  ['Energy above it, MWh', ({ energyAboveLimitMwh }) => number(energyAboveLimitMwh, 2)],
  ['Above the export limit, h', ({ hoursAboveExportLimit }) => number(hoursAboveExportLimit, 2)],
  ['Energy above the export limit, MWh', ({ energyAboveExportLimitMwh }) => number(energyAboveExportLimitMwh, 2)],
  ['Simultaneity, %', ({ simultaneity }) => percent(simultaneity === null ? null : simultaneity * 100)],
];
