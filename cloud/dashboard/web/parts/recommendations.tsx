import { useState } from 'preact/hooks';
import type { FeederView } from '../../../../shared/contracts/view.ts';
import type { PlanView } from '../../../../shared/contracts/plan.ts';
import { recommendationsOf, wishText, type Recommendation } from '../lib/setpoint.ts';
import { deviceSeries } from '../lib/series-names.ts';
import { useAnswer } from '../state/api.ts';
import { moment, newestPlan, substationOf } from '../state/store.ts';
import { Panel, Problem, Waiting } from './layout.tsx';
import { SetpointDialog, type SetpointTarget } from './setpoint-dialog.tsx';
import { Value } from './value.tsx';
import { saidIn, t } from '../words/t.ts';
import { ColumnHeads } from './column-heads.tsx';

/** In manual mode: what the plan recommends for each device now, with its reason; the operator sends what they accept. */
export function Recommendations({ view }: { view: FeederView }) {
  const [open, setOpen] = useState<SetpointTarget | null>(null);
  const substation = substationOf(view.id);
  const answer = useAnswer<PlanView>(`/v1/feeders/${view.id}/plan`, newestPlan.value[view.substation] ?? '');
  const own = new Set(view.devices.map(({ id }) => id));
  const found =
    answer.state === 'good'
      ? recommendationsOf(answer.value.plan, moment.value.now).filter(({ device }) => own.has(device))
      : [];
  const sentences = answer.state === 'good' ? answer.value.plan.sentences : undefined;
  const accept = ({ device, wish, reason }: Recommendation): void => {
    if (substation === undefined) return;
    setOpen({
      gateway: substation.gateway,
      device,
      proposal: { wish, reason: t('as recommended: {reason}', { reason }).slice(0, 300) },
    });
  };
  return (
    <Panel title={t('Recommendations')} class="wide">
      {answer.state === 'loading' && <Waiting what={t('the plan')} />}
      {answer.state === 'bad' && <Problem problem={answer.problem} />}
      {answer.state === 'good' && found.length === 0 && (
        <p class="muted waiting">{t('The plan asks nothing of these devices now.')}</p>
      )}
      {found.length > 0 && (
        <div class="scroll" tabIndex={0} role="group" aria-label={t('Recommendations')}>
          <table class="data card-rows">
            <thead>
              <ColumnHeads names={[t('Device'), t('Now'), t('Recommended'), t('Why')]} act={t('Accept')} />
            </thead>
            <tbody>
              {found.map((each) => {
                const device = view.devices.find(({ id }) => id === each.device)!;
                return (
                  <tr key={each.device}>
                    <th scope="row">{device.name}</th>
                    <td data-name={t('Now')}>
                      <Value
                        value={device.activePowerKw}
                        unit="kW"
                        series={deviceSeries(substation?.gateway, device, 'activePowerKw')}
                      />
                    </td>
                    <td data-name={t('Recommended')}>{wishText(each.wish)}</td>
                    <td data-name={t('Why')}>{saidIn(each.reason, sentences)}</td>
                    <td>
                      <button type="button" onClick={() => accept(each)}>
                        {t('Accept')}
                        <span class="unseen">{` ${t('for {name}', { name: device.name })}`}</span>
                      </button>
                    </td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </div>
      )}
      {open !== null && <SetpointDialog target={open} onClose={() => setOpen(null)} />}
    </Panel>
  );
}
