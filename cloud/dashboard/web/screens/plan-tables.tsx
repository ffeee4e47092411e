import type { PlanBody } from '../../../../shared/contracts/plan.ts';
import { number, plural } from '../lib/format.ts';
import { bounds } from '../lib/plan-steps.ts';
import { near } from '../lib/zone.ts';
import { Facts } from '../parts/layout.tsx';
import { zone } from '../state/settings.ts';
import { moment } from '../state/store.ts';

export function Binding({ plan }: { plan: PlanBody }) {
  if (plan.binding.length === 0)
    return <p class="muted waiting">No constraint binds: the grid has room in every step.</p>;
  const starts = bounds(plan.horizon);
  return (
    <div class="scroll log" tabIndex={0} role="group" aria-label="Binding constraints">
      <table class="data card-rows pairs">
        <thead>
          <tr>
            <th scope="col">When</th>
            <th scope="col">Where</th>
            <th scope="col">Constraint</th>
            <th scope="col" class="num">
              Value
            </th>
            <th scope="col" class="num">
              Limit
            </th>
            <th scope="col" class="num">
              Shadow price
            </th>
          </tr>
        </thead>
        <tbody>
          {plan.binding.map((each) => {
            const decimals = each.unit === 'pu' ? 3 : 0;
            return (
              <tr key={`${each.step}${each.element}${each.constraint}`}>
                <td class="when">{near(starts[each.step] ?? plan.horizon.start, moment.value.now, zone())}</td>
                <td data-name="Where">{each.element}</td>
                <td data-name="Constraint">{each.constraint}</td>
                <td class="num" data-name="Value">
                  {number(each.value, decimals)}
                </td>
                <td class="num" data-name="Limit">
                  {`${number(each.limit, decimals)} ${each.unit}`}
                </td>
                <td class="num" data-name="Shadow price">
                  {`${each.penalty === true ? 'penalty ' : ''}${number(each.shadowPrice, 3)}`}
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
          ['Topology', `version ${topologyVersion}`],
          ['Devices counted on', devices.length === 0 ? 'none' : devices.join(', ')],
          [
            'Heads',
            heads
              .map(
                ({ element, lowKw, highKw }) =>
                  `${element} ${number(lowKw[0])} to ${number(highKw[0])} kW in the first step`,
              )
              .join('; ') || 'none',
          ],
          ['Forecast', plan.forecastId ?? 'not stated'],
          ['Limits watched', plural(plan.watched.length, 'limit')],
          ['Solved in', `${number(plan.solveMs)} ms`],
          ['Substitutions', substitutions.length === 0 ? 'none' : substitutions.join('; ')],
        ]}
      />
      <p class="muted">
        When one of these fails, the gateway lets the targets go, stands on the default envelopes and asks for a new
        plan.
      </p>
    </>
  );
}
