import type { Conflict, PlanBody } from '../../../../shared/contracts/plan.ts';
import { bounds } from '../lib/plan-steps.ts';
import { near } from '../lib/zone.ts';
import { Panel } from '../parts/layout.tsx';
import { zone } from '../state/settings.ts';
import { moment } from '../state/store.ts';
import { saidIn, t } from '../words/t.ts';

/** Constraints that cannot hold together near the plan, as few as were found. That no other plan keeps them is not proven. */
export function ConflictPanel({ plan, conflict }: { plan: PlanBody; conflict: Conflict }) {
  const starts = bounds(plan.horizon);
  return (
    <Panel title={t('Why no plan was found that keeps all limits')} class="wide">
      <p>{saidIn(conflict.text, plan.sentences)}</p>
      <div class="scroll" tabIndex={0} role="group" aria-label={t('Constraints in conflict')}>
        <table class="data">
          <thead>
            <tr>
              <th scope="col">{t('From')}</th>
              <th scope="col">{t('Where')}</th>
              <th scope="col">{t('What cannot hold with the others')}</th>
            </tr>
          </thead>
          <tbody>
            {conflict.members.map(({ fromStep, element, text }) => (
              <tr key={text}>
                <td class="when">{near(starts[fromStep] ?? plan.horizon.start, moment.value.now, zone())}</td>
                <td>{element}</td>
                <td>{saidIn(text, plan.sentences)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p class="muted">
        {conflict.members.every(({ kind, constraint }) => kind === 'limit' && constraint === undefined)
          ? t('No plan was found that supplies all of the load.')
          : conflict.notMinimal === true
            ? t(
                'No plan was found that keeps all limits. With the power flow linearised around this plan, these cannot hold together; some of them may not be needed, because the search ended early.',
              )
            : t(
                'No plan was found that keeps all limits. With the power flow linearised around this plan, these cannot hold together; without any one of them the others can.',
              )}
      </p>
    </Panel>
  );
}
