import { useState } from 'preact/hooks';
import type { UserRequestView } from '../../../../shared/contracts/people.ts';
import type { ProblemAnswer } from '../../../../shared/contracts/problem.ts';
import { clock, date } from '../lib/zone.ts';
import { Panel, Problem } from '../parts/layout.tsx';
import { sendJson, useAnswer } from '../state/api.ts';
import { session } from '../state/session.ts';
import { zone } from '../state/settings.ts';
import { controlsOn } from '../state/store.ts';
import { t } from '../words/t.ts';

/** Error code of an act that waits for a second person. */
export const WAITS = 'LS-DESK-005';

interface UserRequestsProps {
  /** Counts up when there may be a new request. */
  readonly version: number;
  /** Called with a new one-time password. */
  readonly onOnce: (name: string, password: string) => void;
  readonly onDone: () => void;
}

/** Changes requested by one admin; another confirms them by requesting the same. */
export function UserRequests({ version, onOnce, onDone }: UserRequestsProps) {
  const answer = useAnswer<{ items: readonly UserRequestView[] }>('/v1/user-requests', version);
  const [problem, setProblem] = useState<ProblemAnswer | null>(null);
  const items = answer.state === 'good' ? answer.value.items : [];
  if (items.length === 0 && problem === null) return null;
  const send = async (method: 'PUT' | 'POST' | 'DELETE', path: string, user: string, body?: object): Promise<void> => {
    const done = await sendJson<{ oneTimePassword?: string } | undefined>(method, path, body);
    setProblem(done.state === 'bad' ? done.problem : null);
    if (done.state === 'good' && done.value?.oneTimePassword !== undefined) onOnce(user, done.value.oneTimePassword);
    onDone();
  };
  const confirm = ({ user, rights }: UserRequestView): Promise<void> =>
    rights === null ? send('POST', `/v1/users/${user}/password`, user) : send('PUT', `/v1/users/${user}`, user, rights);
  return (
    <Panel title={t('Waits for a second admin')}>
      <ul class="approvals">
        {items.map((each) => {
          const isOwn = session.value?.user?.name === each.by;
          const until = Date.parse(each.expiresAt);
          return (
            <li key={`${each.user} ${each.kind}`}>
              <b>{each.user}</b>
              <p>
                {t('{what} Asked by {by}. Void {until}.', {
                  what: wordsOf(each),
                  by: each.by,
                  until: `${date(until, zone())} ${clock(until, zone())}`,
                })}
              </p>
              {isOwn && <p class="muted">{t('You have asked for it: another admin confirms it.')}</p>}
              <div class="row">
                {!isOwn && (
                  <button type="button" class="primary" disabled={!controlsOn.value} onClick={() => void confirm(each)}>
                    {t('Confirm for {user}', { user: each.user })}
                  </button>
                )}
                <button
                  type="button"
                  disabled={!controlsOn.value}
                  onClick={() => void send('DELETE', `/v1/user-requests/${each.user}/${each.kind}`, each.user)}
                >
                  {isOwn ? t('Take it back') : t('Refuse it')}
                  <span class="unseen">{` ${t('for {name}', { name: each.user })}`}</span>
                </button>
              </div>
            </li>
          );
        })}
      </ul>
      {problem !== null && <Problem problem={problem} />}
    </Panel>
  );
}

function wordsOf({ rights }: UserRequestView): string {
  if (rights === null) return t('A new one-time password, which opens all that they may do.');
  const roles = rights.roles.length === 0 ? t('no role') : rights.roles.join(', ');
  if (rights.areas === '*') return t('Will be {roles}, everywhere.', { roles });
  return t('Will be {roles}, in {areas}.', { roles, areas: rights.areas.join(', ') });
}
