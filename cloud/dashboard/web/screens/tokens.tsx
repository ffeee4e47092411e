import { useState } from 'preact/hooks';
import type { ProblemAnswer } from '../../../../shared/contracts/problem.ts';
import { Panel, Problem } from '../parts/layout.tsx';
import { sendJson, useAnswer } from '../state/api.ts';
import { session } from '../state/session.ts';
import type { TokenEntry } from '../views/user-tokens.tsx';
import { t } from '../words/t.ts';

const DAYS = [1, 30, 90, 365];

/** API tokens of the signed-in user: each has the chosen rights, never more than its owner. */
export function Tokens() {
  const rights = session.value?.rights ?? [];
  const [version, setVersion] = useState(0);
  const [label, setLabel] = useState('');
  const [scopes, setScopes] = useState<readonly string[]>(['planner:read']);
  const [days, setDays] = useState(90);
  const [made, setMade] = useState<string | null>(null);
  const [problem, setProblem] = useState<ProblemAnswer | null>(null);
  const answer = useAnswer<{ items: readonly TokenEntry[] }>('/v1/tokens', version);
  const reread = (): void => setVersion((before) => before + 1);
  const make = async (): Promise<void> => {
    const sent = await sendJson<{ token: string }>('POST', '/v1/tokens', { label, scopes, days });
    setProblem(sent.state === 'bad' ? sent.problem : null);
    setMade(sent.state === 'good' ? sent.value.token : null);
    reread();
  };
  return (
    <Panel title={t('API tokens')}>
      <form
        class="sign-in-form"
        onSubmit={(event) => {
          event.preventDefault();
          void make();
        }}
      >
        <label>
          {t('What it is for')}
          <input
            value={label}
            required
            pattern="[A-Za-z0-9._\-]{1,40}"
            title={t('letters, digits, dot, hyphen')}
            onInput={(event) => setLabel(event.currentTarget.value)}
          />
        </label>
        <fieldset>
          <legend>{t('May')}</legend>
          {rights.map((right) => (
            <label key={right} class="check">
              <input
                type="checkbox"
                checked={scopes.includes(right)}
                onChange={() =>
                  setScopes(scopes.includes(right) ? scopes.filter((each) => each !== right) : [...scopes, right])
                }
              />
              {right}
            </label>
          ))}
        </fieldset>
        <label>
          {t('For')}
          <select value={days} onChange={(event) => setDays(Number(event.currentTarget.value))}>
            {DAYS.map((each) => (
              <option key={each} value={each}>
                {each === 1 ? t('1 day') : t('{each} days', { each })}
              </option>
            ))}
          </select>
        </label>
        <button type="submit" disabled={scopes.length === 0}>
          {t('Make token')}
        </button>
        {problem !== null && <Problem problem={problem} />}
      </form>
      {made !== null && (
        <div class="notice" role="status">
          <p>
            <code class="secret">{made}</code>
          </p>
          <p class="muted">{t('It is shown only once: send it as Authorization: Bearer.')}</p>
        </div>
      )}
      {answer.state === 'good' && answer.value.items.length > 0 && (
        <ul class="token-list">
          {answer.value.items.map(({ id, label: name, scopes: may, expiresAt }) => (
            <li key={id}>
              <b>{name}</b>{' '}
              <span class="muted">
                {t('{may}, until {expiresAt}', { may: may.join(', '), expiresAt: expiresAt.slice(0, 10) })}
              </span>
              <button
                type="button"
                class="quiet"
                aria-label={t('Revoke {name}', { name })}
                onClick={() => void sendJson('DELETE', `/v1/tokens/${id}`).then(reread)}
              >
                {t('Revoke')}
              </button>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
