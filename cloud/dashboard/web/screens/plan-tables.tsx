import type { PlanBody } from '../../../../shared/contracts/plan.ts';
import { number } from '../lib/format.ts';
import { bounds } from '../lib/plan-steps.ts';
import { near } from '../lib/zone.ts';
import { Facts } from '../parts/layout.tsx';
import { zone } from '../state/settings.ts';
import { moment } from '../state/store.ts';
import { saidIn, t, translate } from '../words/t.ts';

export function Binding({ plan }: { plan: PlanBody }) {
  if (plan.binding.length === 0)
    return (
      <p class="muted waiting">
        {plan.status === 'envelopes-only'
          ? t('Nothing was planned here: the default envelopes hold.')
          : t('No constraint binds: the grid has room in every step.')}
      </p>
    );
  const starts = bounds(plan.horizon);
  return (
    <div class="scroll log" tabIndex={0} role="group" aria-label={t('Binding constraints')}>
      <table class="data card-rows pairs">
        <thead>
          <tr>
            <th scope="col">{t('When')}</th>
            <th scope="col">{t('Where')}</th>
            <th scope="col">{t('Constraint')}</th>
            <th scope="col" class="num">
              {t('Value')}
            </th>
            <th scope="col" class="num">
              {t('Limit')}
            </th>
            <th scope="col" class="num">
              {t('Shadow price')}
            </th>
          </tr>
        </thead>
        <tbody>
          {plan.binding.map((each) => {
            const decimals = each.unit === 'pu' ? 3 : 0;
            return (
              <tr key={`${each.step}${each.element}${each.constraint}`}>
                <td class="when">{near(starts[each.step] ?? plan.horizon.start, moment.value.now, zone())}</td>
                <td data-name={t('Where')}>{translate(each.element)}</td>
                <td data-name={t('Constraint')}>{saidIn(each.constraint, plan.sentences)}</td>
                <td class="num" data-name={t('Value')}>
                  {number(each.value, decimals)}
                </td>
                <td class="num" data-name={t('Limit')}>
                  {`${number(each.limit, decimals)} ${each.unit}`}
                </td>
                <td class="num" data-name={t('Shadow price')}>
                  {`${each.penalty === true ? `${translate('penalty')} ` : ''}${number(each.shadowPrice, 3)}`}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

export function Assumptions({ plan }: { plan: PlanBody }) {
  const { topologyVersion, devices, heads, substitutions } = plan.assumptions;
  return (
    <>
      <Facts
        rows={[
          [t('Topology'), t('version {version}', { version: topologyVersion })],
          [t('Devices counted on'), devices.length === 0 ? t('none') : devices.join(', ')],
          [
            t('Heads'),
            heads
              .map(({ element, lowKw, highKw }) =>
                t('{element} {least} to {most} kW in the first step', {
                  element,
                  least: number(lowKw[0]),
                  most: number(highKw[0]),
                }),
              )
              .join('; ') || t('none'),
          ],
          [t('Forecast'), plan.forecastId ?? t('not stated')],
          [t('Limits watched'), t('{count, plural, one {# limit} other {# limits}}', { count: plan.watched.length })],
          [t('Solved in'), `${number(plan.solveMs)} ms`],
          [
            t('Substitutions'),
            substitutions.length === 0
              ? t('none')
              : substitutions.map((each) => saidIn(each, plan.sentences)).join('; '),
          ],
        ]}
      />
      <p class="muted">
        {t('If one of these fails, the gateway drops the targets, uses the default envelopes and asks for a new plan.')}
      </p>
    </>
  );
}
