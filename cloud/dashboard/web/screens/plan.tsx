import { useMemo, useState } from 'preact/hooks';
import type { PlanBody, PlanView, ReserveShortfall } from '../../../../shared/contracts/plan.ts';
import type { DeviceView } from '../../../../shared/contracts/view.ts';
import { duration, euro, percent, pu, sentence, statusWords, words, number } from '../lib/format.ts';
import { drawnTarget, targetsOf, planProgress, type Target } from '../lib/plan-steps.ts';
import { clockSeconds, near } from '../lib/zone.ts';
import { Facts, Panel, Problem, Waiting } from '../parts/layout.tsx';
import { PriorityMark } from '../parts/marks.tsx';
import { useAnswer } from '../state/api.ts';
import { zone } from '../state/settings.ts';
import { feeders, moment, newestPlan, substationOf } from '../state/store.ts';
import { Place } from './place.tsx';
import { EnvelopePanel } from './plan-envelopes.tsx';
import { PlanChart } from './plan-chart.tsx';
import { costParts, withoutPlan } from '../lib/plan-cost.ts';
import { ConflictPanel } from './plan-conflict.tsx';
import { Parts, partShown } from './plan-parts.tsx';
import { Reasons, WholeHorizon } from './plan-reasons.tsx';
import { Assumptions, Binding } from './plan-tables.tsx';
import type { Screen } from '../lib/screen.ts';
import { saidIn, t, translate } from '../words/t.ts';

export const screen: Screen = {
  path: '/plan/:id',
  title: (id) => t('Plan {id}', { id }),
  Component: PlanScreen,
  section: 'Overview',
  feeders: (id) => [id],
};

function PlanScreen({ id }: { id: string }) {
  const substation = substationOf(id);
  const newest = newestPlan.value[substation?.id ?? ''] ?? '';
  // A young plan still progresses, so it is read again every 30 s of machine time.
  const answer = useAnswer<PlanView>(
    `/v1/feeders/${encodeURIComponent(id)}/plan`,
    `${newest} ${Math.floor(moment.value.now / (30_000 * moment.value.speed))}`,
  );
  return (
    <>
      <Place id={id} title={t('Plan {id}', { id })} />
      {answer.state === 'loading' && <Waiting what={t('the plan')} />}
      {answer.state === 'bad' &&
        (substation !== undefined && answer.problem.code === 'LS-API-004' ? (
          <NoPlan feeder={id} />
        ) : (
          <Problem problem={answer.problem} />
        ))}
      {answer.state === 'good' && <Plan feeder={id} answer={answer.value} />}
    </>
  );
}

/** A known feeder without a plan. */
const NoPlan = ({ feeder }: { feeder: string }) => (
  <div class="problem" role="status">
    <p>{t('No plan has been made for {feeder} yet.', { feeder })}</p>
    <p class="muted">
      {t('Until then its gateway runs on its own: guard, peak shaving and the default envelopes are in force.')}
    </p>
  </div>
);

function Plan({ feeder, answer }: { feeder: string; answer: PlanView }) {
  const { plan } = answer;
  const part = partShown();
  return (
    <>
      <PlanStrip answer={answer} />
      <PlanProgress answer={answer} />
      {plan.conflict !== undefined && <ConflictPanel plan={plan} conflict={plan.conflict} />}
      {plan.room !== undefined && <RoomPanel room={plan.room} sentences={plan.sentences} />}
      <Panel title={t('Setpoints and their reasons')} class="wide" aside={<WholeHorizon />}>
        <Reasons plan={plan} feeder={feeder} />
      </Panel>
      <Parts plan={plan} />
      {part === 'course' && <Course plan={plan} feeder={feeder} />}
      {part === 'envelopes' && <EnvelopePanel plan={plan} feeder={feeder} />}
      {part === 'binding' && (
        <Panel title={t('Binding constraints')} class="wide">
          <Binding plan={plan} />
        </Panel>
      )}
      {part === 'basis' && (
        <Panel title={t('What it rests on')} class="wide">
          <Assumptions plan={plan} />
        </Panel>
      )}
    </>
  );
}

/** The planned power at the head and at a device over the horizon, with the measurements. */
function Course({ plan, feeder }: { plan: PlanBody; feeder: string }) {
  const gateway = substationOf(feeder)?.gateway ?? `${plan.substation}-01`;
  const head = plan.expected.find(({ element }) => element === feeder);
  const assumed = plan.assumptions.heads.find(({ element }) => element === feeder);
  const headTarget = useMemo<Target>(
    () => ({ label: 'active power', unit: 'kW', values: head?.activePowerKw ?? [] }),
    [plan, head],
  );
  const band = useMemo(
    () => (assumed === undefined ? undefined : { low: assumed.lowKw, high: assumed.highKw }),
    [plan, assumed],
  );
  return (
    <div class="halves">
      <Panel
        title={t('Head of {feeder}', { feeder })}
        aside={<span class="muted">{t('shade: the band the plan counts on')}</span>}
      >
        {head === undefined ? (
          <p class="muted waiting">{t('The plan states no power for this head.')}</p>
        ) : (
          <PlanChart
            plan={plan}
            target={headTarget}
            measuredAs={`feeder:${feeder}`}
            name={t('Head of {feeder}', { feeder })}
            {...(band === undefined ? {} : { band })}
          />
        )}
      </Panel>
      <DevicePanel plan={plan} feeder={feeder} gateway={gateway} />
    </div>
  );
}

function PlanStrip({ answer: { plan, document } }: { answer: PlanView }) {
  const { now } = moment.value;
  const { cost, verified } = plan;
  const left = document.validUntil - now;
  return (
    <section class="strip" aria-label={t('State of the plan')}>
      <div class="strip-item">
        <span class="strip-name">{t('Status')}</span>
        <span class="strip-value">
          {plan.status !== 'optimal' && <PriorityMark level={plan.status === 'holds-at-median' ? 3 : 2} />}
          {sentence(statusWords(plan.status))}
        </span>
        <span class="strip-note">{t('{id}, made for {trigger}', { id: plan.id, trigger: words(plan.trigger) })}</span>
      </div>
      <div class="strip-item">
        <span class="strip-name">{t('Epoch and sequence')}</span>
        <span class="strip-value">{`${document.epoch}.${document.sequence}`}</span>
        <span class="strip-note">
          {t('issued {time}, {left}', {
            time: near(document.issuedAt, now, zone()),
            left: left > 0 ? t('valid for {left}', { left: duration(left) }) : t('expired'),
          })}
        </span>
      </div>
      <div class="strip-item">
        <span class="strip-name">{t('Cost over the horizon')}</span>
        <span class="strip-value">{euro(cost.totalEur)}</span>
        <span class="strip-note">{t('doing nothing: {cost}', { cost: withoutPlan(cost) })}</span>
      </div>
      <div class="strip-item">
        <span class="strip-name">{t('Of which')}</span>
        <Facts rows={costParts(cost)} />
      </div>
      <div class="strip-item">
        <span class="strip-name">{t('AC power flow over the plan')}</span>
        <span class="strip-value">{t('{loading} % loading', { loading: percent(verified.maxLoadingPct) })}</span>
        <span class="strip-note">
          {t('at {element}; voltage {violation}', {
            element: verified.worstElement,
            violation:
              verified.maxVoltageViolationPu > 0
                ? t('{violation} pu beyond its limit{plan}', {
                    violation: pu(verified.maxVoltageViolationPu),
                    plan: atCorner(plan),
                  })
                : t('within limits'),
          })}
        </span>
      </div>
    </section>
  );
}

const atCorner = ({ room }: PlanBody): string =>
  room === undefined ? '' : ` ${t('at {quantile} of the forecast', { quantile: number(room.quantile, 2) })}`;

/** A feasible plan that does not keep the full margin. */
function RoomPanel({ room, sentences }: { room: ReserveShortfall; sentences: PlanBody['sentences'] }) {
  return (
    <Panel title={t('What room is kept')} class="wide">
      <p>{saidIn(room.text, sentences)}</p>
      <p class="muted">
        {`${t('No limits are in conflict: the forecast is so wide that {quantile} of its errors do not fit, and the plan keeps what room there is.', { quantile: number(room.quantile, 2) })} ` +
          t('The guard corrects what is measured, and a narrower forecast gives the room back.')}
      </p>
    </Panel>
  );
}

/** Received, accepted, applied, verified, with times, and other stages that occurred. */
function PlanProgress({ answer: { plan, stages } }: { answer: PlanView }) {
  return (
    <ol class="way-of-plan" aria-label={t('Progress of the plan')}>
      {planProgress(stages, plan).map(({ stage, report, state }) => (
        <li key={`${stage}${report?.time ?? ''}`} class={`stage-${state}`}>
          {state === 'bad' && <PriorityMark level={1} label={t('ended here:')} />}
          <b>{words(stage)}</b>
          <span class="muted">{report === null ? t('not yet') : clockSeconds(report.time, zone())}</span>
          {report !== null && (report.code !== undefined || report.detail !== undefined) && (
            <span class="stage-detail">
              {[report.code, translate(report.detail ?? '', report.code)].filter(Boolean).join(': ')}
            </span>
          )}
        </li>
      ))}
    </ol>
  );
}

function DevicePanel({ plan, feeder, gateway }: { plan: PlanBody; feeder: string; gateway: string }) {
  const [chosen, setChosen] = useState(plan.devices[0]?.device ?? '');
  const device = plan.devices.find((each) => each.device === chosen) ?? plan.devices[0];
  const targets = useMemo(() => (device === undefined ? [] : targetsOf(device)), [device]);
  const type = deviceOf(feeder, device?.device ?? '')?.type;
  const shown = useMemo(() => drawnTarget(targets[0], type), [targets, type]);
  return (
    <Panel
      title={t('Device')}
      aside={
        <label class="inline">
          <span class="unseen">{t('Device to show')}</span>
          <select value={device?.device ?? ''} onChange={(event) => setChosen(event.currentTarget.value)}>
            {plan.devices.map(({ device: id }) => (
              <option key={id} value={id}>
                {deviceOf(feeder, id)?.name ?? id}
              </option>
            ))}
          </select>
        </label>
      }
    >
      {device === undefined || shown === undefined ? (
        <p class="muted waiting">{t('The plan sets no device on this feeder.')}</p>
      ) : (
        <PlanChart
          plan={plan}
          target={shown}
          measuredAs={shown.unit === 'kW' ? `device:${gateway}/${device.device}` : null}
          name={device.device}
        />
      )}
    </Panel>
  );
}

const deviceOf = (feeder: string, id: string): DeviceView | undefined =>
  feeders.value[feeder]?.devices.find((device) => device.id === id);
