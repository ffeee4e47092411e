import { useMemo, useState } from 'preact/hooks';
import type { PlanBody, PowerRange } from '../../../../shared/contracts/plan.ts';
import { duration, kw } from '../lib/format.ts';
import { envelopeGroups, leadSteps, type EnvelopeGroup, type EnvelopeRow } from '../lib/plan-envelopes.ts';
import { onTimes } from '../../../../shared/time/on-times.ts';
import { bounds } from '../lib/plan-steps.ts';
import { near } from '../lib/zone.ts';
import { Chart } from '../parts/chart.tsx';
import { DeviceGlyph } from '../parts/marks.tsx';
import { Panel } from '../parts/layout.tsx';
import { zone } from '../state/settings.ts';
import { feeders, moment, quarter } from '../state/store.ts';
import { saidIn, t } from '../words/t.ts';

const AHEAD_MS = 48 * 3_600_000;
const STEP_MS = 300_000;

/** Within these envelopes, any combination of customers' power keeps the network within its limits, at each step of the plan. */
export function EnvelopePanel({ plan, feeder }: { plan: PlanBody; feeder: string }) {
  const groups = useMemo(() => envelopeGroups(plan), [plan]);
  const leads = leadSteps(plan, moment.value.now);
  const [lead, setLead] = useState(0);
  const [chosen, setChosen] = useState('');
  const shown = leads[Math.min(lead, leads.length - 1)];
  // The first connection point that several devices share, else the first group.
  const group =
    groups.find(({ id }) => id === chosen) ?? groups.find(({ rows }) => rows[0]?.kind === 'point') ?? groups[0];
  if (group === undefined || shown === undefined)
    return (
      <Panel title={t('Operating envelopes')} class="wide">
        <p class="muted waiting">
          {groups.length === 0
            ? t('The plan states no envelopes: each device uses its default.')
            : t('The horizon of this plan is over: the default envelopes hold.')}
        </p>
      </Panel>
    );
  const starts = bounds(plan.horizon);
  return (
    <Panel
      title={t('Operating envelopes')}
      class="wide"
      aside={
        <label class="inline">
          <span>{t('At')}</span>
          <select value={String(shown.step)} onChange={(event) => setLead(event.currentTarget.selectedIndex)}>
            {leads.map(({ step, leadMs }) => (
              <option key={step} value={String(step)}>
                {leadMs === 0
                  ? t('now')
                  : t('{time}, in {lead}', {
                      time: near(starts[step]!, moment.value.now, zone()),
                      lead: duration(leadMs),
                    })}
              </option>
            ))}
          </select>
        </label>
      }
    >
      <div class="halves">
        <Limits groups={groups} step={shown.step} feeder={feeder} chosen={group.id} onChoose={setChosen} />
        <Course plan={plan} group={group} />
      </div>
      <p class="muted">
        {t(
          'Whatever customers do within these limits keeps the network in its own. The further ahead, the less is known, and no envelope is wider than the forecast at its lead time allows. {rule}',
          { rule: saidIn(plan.assumptions.envelopeRule ?? '', plan.sentences) },
        )}
      </p>
    </Panel>
  );
}

interface LimitsProps {
  readonly groups: readonly EnvelopeGroup[];
  readonly step: number;
  readonly feeder: string;
  readonly chosen: string;
  readonly onChoose: (group: string) => void;
}

function Limits({ groups, step, feeder, chosen, onChoose }: LimitsProps) {
  return (
    <div class="scroll" tabIndex={0} role="group" aria-label={t('Import and export limits')}>
      <table class="data envelopes">
        <thead>
          <tr>
            <th scope="col">{t('Connection point')}</th>
            <th scope="col">{t('Of')}</th>
            <th scope="col" class="num">
              {t('Import, kW')}
            </th>
            <th scope="col" class="num">
              {t('Export, kW')}
            </th>
          </tr>
        </thead>
        {groups.map(({ id, name, rows }) => (
          <tbody key={id}>
            {rows.map((row, at) => (
              <tr key={row.id}>
                {at === 0 && (
                  <th scope="rowgroup" rowSpan={rows.length}>
                    <button type="button" class="quiet" aria-pressed={id === chosen} onClick={() => onChoose(id)}>
                      {name}
                    </button>
                  </th>
                )}
                <td>
                  <Whose row={row} feeder={feeder} />
                </td>
                <td class="num">{limit(row.ranges[step], 'import')}</td>
                <td class="num">{limit(row.ranges[step], 'export')}</td>
              </tr>
            ))}
          </tbody>
        ))}
      </table>
    </div>
  );
}

function Whose({ row: { kind, id }, feeder }: { row: EnvelopeRow; feeder: string }) {
  if (kind === 'device') {
    const view = feeders.value[feeder]?.devices.find((device) => device.id === id);
    return (
      <>
        {view !== undefined && <DeviceGlyph type={view.type} />}
        {view?.name ?? id}
      </>
    );
  }
  return <b>{kind === 'meter' ? t('at the meter') : t('all together')}</b>;
}

/** Magnitudes: the maximum import or export, and the minimum if it is not zero. */
function limit(range: PowerRange | undefined, side: 'import' | 'export'): string {
  if (range === undefined) return kw(null);
  const [least, most] = side === 'import' ? [range.minKw, range.maxKw] : [-range.maxKw, -range.minKw];
  if (most <= 0) return '0';
  return least > 0 ? t('{least} to {most}', { least: kw(least), most: kw(most) }) : kw(most);
}

/** Width of the chosen envelope over the horizon. */
function Course({ plan, group: { name, rows } }: { plan: PlanBody; group: EnvelopeGroup }) {
  const row = rows[0];
  const spec = useMemo(() => {
    const { start } = plan.horizon;
    const to = Math.min(bounds(plan.horizon).at(-1)!, start + AHEAD_MS);
    const times = Array.from({ length: Math.floor((to - start) / STEP_MS) + 1 }, (_, index) => start + index * STEP_MS);
    const line = (label: string, values: readonly number[]) => ({
      label,
      column: onTimes(plan.horizon, times, values),
      colour: '--chart-forecast',
      step: true,
      edge: true,
    });
    return {
      times,
      lines: [
        line(
          t('import limit'),
          (row?.ranges ?? []).map(({ maxKw }) => maxKw),
        ),
        line(
          t('Export limit, below zero,'),
          (row?.ranges ?? []).map(({ minKw }) => minKw),
        ),
      ],
      bands: [{ between: [0, 1] as const, colour: '--chart-band' }],
      marks: [{ time: moment.peek().now, label: t('now') }],
      unit: 'kW',
      decimals: 0,
      height: 260,
    };
  }, [plan, row, quarter.value]);
  return <Chart spec={spec} label={t('Envelope of {name} over the horizon', { name })} />;
}
