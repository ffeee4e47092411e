import { useState } from 'preact/hooks';
import { Panel, Problem, Waiting } from '../parts/layout.tsx';
import { sendJson, useAnswer, type Answer } from '../state/api.ts';
import type { ProblemAnswer } from '../../../../shared/contracts/problem.ts';
import { session } from '../state/session.ts';
import { controlsOn, region } from '../state/store.ts';
import { UserForm, type UserEntry } from './user-form.tsx';
import { UserRequests, WAITS } from './user-requests.tsx';
import { UserTokens } from './user-tokens.tsx';
import { t } from '../words/t.ts';

/** Users with roles and areas; one-time passwords and locks. */
export function UsersView() {
  const [version, setVersion] = useState(0);
  const [chosen, setChosen] = useState<string | null>(null);
  const [once, setOnce] = useState<{ name: string; password: string } | null>(null);
  const answer = useAnswer<{ items: readonly UserEntry[] }>('/v1/users', version);
  const reread = (): void => setVersion((before) => before + 1);
  const users = answer.state === 'good' ? answer.value.items : [];
  const user = users.find(({ name }) => name === chosen) ?? null;
  return (
    <>
      <div class="place">
        <h1 tabIndex={-1}>{t('Users')}</h1>
        <span class="muted">
          {answer.state === 'good' ? t('{count, plural, one {# user} other {# users}}', { count: users.length }) : ''}
        </span>
      </div>
      {once !== null && <OneTime {...once} onSeen={() => setOnce(null)} />}
      <UserRequests version={version} onOnce={(name, password) => setOnce({ name, password })} onDone={reread} />
      {answer.state === 'loading' && <Waiting what={t('the users')} />}
      {answer.state === 'bad' && <Problem problem={answer.problem} />}
      {answer.state === 'good' && (
        <div class="with-side">
          <div class="stack">
            <Panel
              title={t('Users')}
              aside={
                <button type="button" onClick={() => setChosen(null)} aria-pressed={user === null}>
                  {t('New user')}
                </button>
              }
            >
              <div class="scroll" tabIndex={0} role="group" aria-label={t('Users')}>
                <UserTable users={users} chosen={chosen} onChoose={setChosen} />
              </div>
            </Panel>
            {user !== null && <UserTokens key={user.name} name={user.name} version={version} onEnded={reread} />}
          </div>
          <div class="stack">
            <UserForm
              key={user?.name ?? ''}
              user={user}
              areas={areasOf()}
              onAsked={reread}
              onSaved={(name, password) => {
                if (password !== undefined) setOnce({ name, password });
                setChosen(name);
                reread();
              }}
            />
            {user !== null && (
              <UserActs
                user={user}
                onOnce={(password) => setOnce({ name: user.name, password })}
                onDone={reread}
                onGone={() => {
                  setChosen(null);
                  reread();
                }}
              />
            )}
          </div>
        </div>
      )}
    </>
  );
}

const areasOf = (): { target: string; name: string }[] =>
  (region.value?.substations ?? []).map(({ id, name }) => ({ target: `substation:${id}`, name }));

interface UserTableProps {
  readonly users: readonly UserEntry[];
  readonly chosen: string | null;
  readonly onChoose: (name: string) => void;
}

const UserTable = ({ users, chosen, onChoose }: UserTableProps) => (
  <table class="data users">
    <thead>
      <tr>
        <th scope="col">{t('Name')}</th>
        <th scope="col">{t('Roles')}</th>
        <th scope="col">{t('Acts in')}</th>
        <th scope="col" class="from-tablet">
          {t('State')}
        </th>
      </tr>
    </thead>
    <tbody>
      {users.map((user) => (
        <tr key={user.name} class={user.name === chosen ? 'chosen' : ''}>
          <th scope="row">
            <button
              type="button"
              class="text row-link"
              aria-pressed={user.name === chosen}
              onClick={() => onChoose(user.name)}
            >
              {user.name}
            </button>
          </th>
          <td>
            {user.roles.length === 0 ? <span class="muted">{t('none')}</span> : user.roles.join(', ')}
            {isClash(user.roles) && <span class="muted"> {t('(exclude each other)')}</span>}
          </td>
          <td>
            {user.areas === '*'
              ? t('everywhere')
              : t('{count, plural, one {# area} other {# areas}}', { count: user.areas.length })}
          </td>
          <td class="from-tablet muted">{stateOf(user)}</td>
        </tr>
      ))}
    </tbody>
  </table>
);

/** A combination of roles that only older accounts can have. */
const isClash = (roles: readonly string[]): boolean =>
  roles.includes('admin') && (roles.includes('operator') || roles.includes('auditor'));

const stateOf = ({ disabled, mustChange }: UserEntry): string =>
  disabled ? t('locked') : mustChange ? t('has a one-time password') : t('active');

/** Shown once; it cannot be read again. */
function OneTime({ name, password, onSeen }: { name: string; password: string; onSeen: () => void }) {
  return (
    <div class="notice" role="status">
      <p>
        {t('One-time password of')} <b>{name}</b>: <code class="secret">{password}</code>
      </p>
      <p class="muted">{t('It is shown only once and only allows choosing a new password.')}</p>
      <button type="button" onClick={onSeen}>
        {t('I have handed it over')}
      </button>
    </div>
  );
}

interface UserActsProps {
  readonly user: UserEntry;
  readonly onOnce: (password: string) => void;
  readonly onDone: () => void;
  readonly onGone: () => void;
}

function UserActs({ user, onOnce, onDone, onGone }: UserActsProps) {
  const [problem, setProblem] = useState<ProblemAnswer | null>(null);
  const [sure, setSure] = useState(false);
  const path = `/v1/users/${user.name}`;
  const act = async <T,>(asked: Promise<Answer<T>>, then: (value: T) => void): Promise<void> => {
    const answer = await asked;
    setProblem(answer.state === 'bad' ? answer.problem : null);
    if (answer.state === 'good') then(answer.value);
    else if (answer.state === 'bad' && answer.problem.code === WAITS) onDone();
  };
  const { roles, areas, disabled } = user;
  const off = !controlsOn.value;
  return (
    <Panel title={t('What may be done with {name}', { name: user.name })}>
      <div class="row">
        <button
          type="button"
          disabled={off}
          onClick={() =>
            void act(sendJson<{ oneTimePassword: string }>('POST', `${path}/password`), ({ oneTimePassword }) => {
              onOnce(oneTimePassword);
              onDone();
            })
          }
        >
          {t('New one-time password')}
        </button>
        <button
          type="button"
          disabled={off}
          onClick={() => void act(sendJson('PUT', path, { roles, areas, disabled: !disabled }), onDone)}
        >
          {disabled ? t('Unlock') : t('Lock')}
        </button>
        {sure ? (
          <button
            type="button"
            class="primary"
            disabled={off}
            onClick={() => void act(sendJson('DELETE', path), onGone)}
          >
            {t('Yes, remove {name}', { name: user.name })}
          </button>
        ) : (
          <button type="button" disabled={off || user.name === session.value?.user?.name} onClick={() => setSure(true)}>
            {t('Remove')}
          </button>
        )}
      </div>
      <p class="muted foot">{t('Each of them ends sessions, API tokens and open pages at once.')}</p>
      {problem !== null && <Problem problem={problem} />}
    </Panel>
  );
}
