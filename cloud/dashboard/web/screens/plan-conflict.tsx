import type { Conflict, PlanBody } from '../../../../shared/contracts/plan.ts';
import { bounds } from '../lib/plan-steps.ts';
import { near } from '../lib/zone.ts';
import { Panel } from '../parts/layout.tsx';
import { zone } from '../state/settings.ts';
import { moment } from '../state/store.ts';
import { saidIn, t } from '../words/t.ts';

/** Why no plan fits: a set of constraints that cannot hold together, as small as was found. */
export function ConflictPanel({ plan, conflict }: { plan: PlanBody; conflict: Conflict }) {
  const starts = bounds(plan.horizon);
  return (
    <Panel title={t('Why nothing fits')} class="wide">
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
        {conflict.notMinimal === true
          ? t('Some of them may not be needed: the search ended early. The plan is the one of least violation.')
          : t('Without any one of them the others can be kept. The plan is the one of least violation.')}
      </p>
    </Panel>
  );
}
