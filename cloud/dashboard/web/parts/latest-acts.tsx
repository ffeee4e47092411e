import type { CommandView } from '../../../../shared/contracts/command.ts';
import { words } from '../lib/format.ts';
import { wishText } from '../lib/setpoint.ts';
import { near } from '../lib/zone.ts';
import { zone } from '../state/settings.ts';
import { moment } from '../state/store.ts';
import { t, translate } from '../words/t.ts';
import { ColumnHeads } from './column-heads.tsx';

/** Latest commands: who gave which, and their outcome. */
export function LatestActs({ items }: { items: readonly CommandView[] }) {
  if (items.length === 0) return <p class="muted waiting">{t('Nobody has acted yet.')}</p>;
  return (
    <div class="scroll latest" tabIndex={0} role="group" aria-label={t('Latest acts')}>
      <table class="data">
        <thead>
          <ColumnHeads names={[t('When'), t('Who'), t('What'), t('State')]} />
        </thead>
        <tbody>
          {items.map(({ id, issuedAt, user, approver, kind, target, setpoint, reason, state, stages }) => (
            <tr key={id}>
              <td class="when">{near(issuedAt, moment.value.now, zone())}</td>
              <td>{approver === null ? user : `${user}, ${approver}`}</td>
              <td>
                {`${words(kind)} ${target.split(':')[1] ?? ''}`}
                {setpoint !== null && `: ${wishText(setpoint)}`}
                <span class="muted block">{reason}</span>
              </td>
              <td class={state === 'refused' || state === 'unanswered' ? 'strong' : ''}>
                {translate(state)}
                {state === 'refused' && (
                  <span class="muted block">{translate(stages.at(-1)?.detail ?? '', stages.at(-1)?.code)}</span>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
