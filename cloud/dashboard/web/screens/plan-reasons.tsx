import type { BusPrice, DevicePlan, PlanBody } from '../../../../shared/contracts/plan.ts';
import type { DeviceView } from '../../../../shared/contracts/view.ts';
import { lastSetText } from '../lib/control-words.ts';
import { kw, number, unknown, words } from '../lib/format.ts';
import { partsAt, plannedText, span, stepAt, targetsOf } from '../lib/plan-steps.ts';
import { near } from '../lib/zone.ts';
import { DeviceGlyph, PriorityMark } from '../parts/marks.tsx';
import { choose, query } from '../state/route.ts';
import { zone } from '../state/settings.ts';
import { feeders, moment } from '../state/store.ts';
import { saidIn, t, translate } from '../words/t.ts';

/** Setpoints of the devices and their reasons: now, or over the whole horizon for one device or all, as the address says. */
export function Reasons({ plan, feeder }: { plan: PlanBody; feeder: string }) {
  const step = stepAt(plan.horizon, moment.value.now);
  return (
    <div class="scroll" tabIndex={0} role="group" aria-label={t('Setpoints and their reasons')}>
      <table class="data reasons">
        <thead>
          <tr>
            <th scope="col">{t('Device')}</th>
            <th scope="col" class="num">
              {t('Planned')}
            </th>
            <th scope="col" class="num">
              {t('In force')}
            </th>
            <th scope="col">{t('By')}</th>
            <th scope="col">{t('When')}</th>
            <th scope="col">{t('Why')}</th>
            <th scope="col">{t('Constraint')}</th>
            <th scope="col" class="num">
              {t('Shadow price')}
            </th>
          </tr>
        </thead>
        {plan.devices.map((device) => (
          <DeviceReasons key={device.device} plan={plan} device={device} step={step} feeder={feeder} />
        ))}
      </table>
    </div>
  );
}

const REASONS = 'reasons';
const ALL = 'all';

/** Switches between the whole horizon of every device and the current step. */
export function WholeHorizon() {
  const isOpen = query.value.get(REASONS) === ALL;
  return (
    <button type="button" class="quiet" aria-pressed={isOpen} onClick={() => choose(REASONS, isOpen ? '' : ALL)}>
      {t('Whole horizon')}
    </button>
  );
}

function DeviceReasons({
  plan,
  device,
  step,
  feeder,
}: {
  plan: PlanBody;
  device: DevicePlan;
  step: number;
  feeder: string;
}) {
  const { now } = moment.value;
  const view = feeders.value[feeder]?.devices.find(({ id }) => id === device.device);
  const open = query.value.get(REASONS) ?? '';
  const shortly = partsAt(device.reasons, step);
  const rows = device.reasons.length === 0 ? [null] : [ALL, device.device].includes(open) ? device.reasons : shortly;
  return (
    <tbody>
      {rows.map((reason, index) => {
        const when = reason === null ? null : span(plan.horizon, reason);
        const current = reason !== null && step >= reason.fromStep && step <= reason.toStep;
        return (
          <tr key={index}>
            {index === 0 && (
              <th scope="rowgroup" rowSpan={rows.length}>
                {view !== undefined && <DeviceGlyph type={view.type} />}
                {view?.name ?? device.device} <span class="tag">{device.device}</span>
                {open !== ALL && device.reasons.length > shortly.length && (
                  <button
                    type="button"
                    class="quiet more-reasons"
                    aria-expanded={open === device.device}
                    onClick={() => choose(REASONS, open === device.device ? '' : device.device)}
                  >
                    {open === device.device
                      ? t('Only now')
                      : t('{count, plural, one {# more part} other {# more parts}} of the horizon', {
                          count: device.reasons.length - shortly.length,
                        })}
                    <span class="unseen">{` ${t('for {device}', { device: device.device })}`}</span>
                  </button>
                )}
              </th>
            )}
            {index === 0 && (
              <td class="num" rowSpan={rows.length} data-name={t('Planned')}>
                {targetsOf(device).map((target) => (
                  <div key={target.label}>{plannedText(target, step, view?.type)}</div>
                ))}
                {device.unservedKwh !== undefined && (
                  <div>
                    <PriorityMark level={2} />
                    {t('{energy} kWh missing at departure', { energy: number(device.unservedKwh, 1) })}
                  </div>
                )}
              </td>
            )}
            {index === 0 && <InForce view={view} rows={rows.length} />}
            <td class="when">
              {when === null
                ? ''
                : t('{from} to {to}', { from: near(when.from, now, zone()), to: near(when.to, now, zone()) })}
              {current && <span class="now block">{t('now')}</span>}
            </td>
            <td class="what">
              {reason === null ? (
                <span class="muted">{t('No reason is given: nothing binds.')}</span>
              ) : (
                saidIn(reason.text, plan.sentences)
              )}
              {reason?.counterfactual !== undefined && (
                <span class="muted block">{saidIn(reason.counterfactual, plan.sentences)}</span>
              )}
            </td>
            <td>
              {reason === null ? '' : saidIn(reason.constraint, plan.sentences)}
              {reason !== null && <span class="muted block">{saidIn(reason.element, plan.sentences)}</span>}
            </td>
            <td class="num">
              {reason === null
                ? ''
                : `${number(reason.shadowPrice, 3)} ${reason.shadowPriceUnit.replace('penalty', translate('penalty'))}`}
              {reason?.price !== undefined && <Price price={reason.price} />}
            </td>
          </tr>
        );
      })}
    </tbody>
  );
}

/** The setpoint in force, its source, and what limits it. */
function InForce({ view, rows }: { view: DeviceView | undefined; rows: number }) {
  const { setpointKw = null, source = 'unknown', limitedBy = null, lastSet } = view ?? {};
  return (
    <>
      <td class="num" rowSpan={rows} data-name={t('In force')}>
        {setpointKw === null ? unknown() : `${kw(setpointKw)} kW`}
      </td>
      <td rowSpan={rows} data-name={t('By')}>
        {lastSetText(lastSet, (at) => near(at, moment.value.now, zone())) ?? words(source)}
        {limitedBy !== null && (
          <span class="muted block">{t('held by {limitedBy}', { limitedBy: translate(limitedBy) })}</span>
        )}
      </td>
    </>
  );
}

/** Price of a MWh of consumption at the device's bus, with its components. */
function Price({ price }: { price: BusPrice }) {
  const parts = [
    ['energy', price.energyEurPerMwh],
    ['losses', price.lossesEurPerMwh],
    ['congestion', price.congestionEurPerMwh],
    ['voltage', price.voltageEurPerMwh],
  ] as const;
  return (
    <span class="price block" aria-label={t('Price of consumption at {bus}', { bus: price.bus })}>
      {parts.map(([name, eur]) => (
        <span key={name} class="muted block">{`${translate(name)} ${number(eur, 2)}`}</span>
      ))}
      <span class="block">
        {t('{bus}: {price} EUR/MWh', { bus: price.bus, price: number(price.totalEurPerMwh, 2) })}
      </span>
      {price.penaltyPerMwh !== undefined && (
        <span class="muted block">{t('besides, penalty {penalty}', { penalty: number(price.penaltyPerMwh, 0) })}</span>
      )}
    </span>
  );
}
