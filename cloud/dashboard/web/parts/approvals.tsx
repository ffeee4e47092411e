import { useState } from 'preact/hooks';
import type { ActAnswer, ApprovalView } from '../../../../shared/contracts/desk.ts';
import { actWords } from '../lib/acts.ts';
import type { ProblemAnswer } from '../../../../shared/contracts/problem.ts';
import { duration } from '../lib/format.ts';
import { LEAST_REASON } from '../lib/setpoint.ts';
import { commandTurn } from '../state/commands.ts';
import { whyOff } from '../state/controls.ts';
import { withPasskey } from '../state/passkeys.ts';
import { session } from '../state/session.ts';
import { Problem } from './layout.tsx';
import { t, translate } from '../words/t.ts';

/** Acts that wait for a second person; the requester cannot approve. */
export function Approvals({ items }: { items: readonly ApprovalView[] }) {
  const waiting = items.filter(({ state }) => state === 'waiting');
  const over = items.filter(({ state }) => state !== 'waiting').slice(0, 5);
  return (
    <>
      {waiting.length === 0 && <p class="muted waiting">{t('Nothing waits for a second person.')}</p>}
      <ul class="approvals">
        {waiting.map((each) => (
          <Waiting key={each.id} approval={each} />
        ))}
      </ul>
      {over.length > 0 && (
        <ul class="approvals muted" aria-label={t('Decided')}>
          {over.map(({ id, act, user, state, decidedBy, why }) => (
            <li key={id}>
              {t('{title}, asked by {user}: {state}{decidedBy}', {
                title: actWords(act).title,
                user,
                state: translate(state),
                decidedBy: decidedBy === null ? '' : ` ${t('by {decidedBy}, {why}', { decidedBy, why: why ?? '' })}`,
              })}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function Waiting({ approval: { id, act, user, reason, expiresInMs } }: { approval: ApprovalView }) {
  const [why, setWhy] = useState('');
  const [problem, setProblem] = useState<ProblemAnswer | null>(null);
  const { title, effect } = actWords(act);
  const own = session.value?.user?.name === user;
  const barred = whyOff();
  const off = own || barred !== undefined || why.trim().length < LEAST_REASON;
  const decide = async (decision: 'approve' | 'refuse'): Promise<void> => {
    const path = `/v1/approvals/${id}`;
    const answer = await withPasskey<ActAnswer>(path, { decision, reason: why.trim() });
    setProblem(answer.state === 'bad' ? answer.problem : null);
    commandTurn.value++;
  };
  return (
    <li>
      <b>{title}</b>
      <p>
        {t('{effect} Asked by {user}: {reason}. Void in {time}.', {
          effect,
          user,
          reason,
          time: duration(expiresInMs),
        })}
      </p>
      {own ? (
        <p class="muted">{t('You have asked for it: another operator decides.')}</p>
      ) : (
        <div class="row">
          <label class="row">
            <span>{t('Why')}</span>
            <input value={why} maxLength={300} onInput={({ currentTarget }) => setWhy(currentTarget.value)} />
          </label>
          <button type="button" class="primary" disabled={off} title={barred} onClick={() => void decide('approve')}>
            {t('Approve')}
          </button>
          <button type="button" disabled={off} title={barred} onClick={() => void decide('refuse')}>
            {t('Refuse')}
          </button>
        </div>
      )}
      {problem !== null && <Problem problem={problem} />}
    </li>
  );
}
