import { useState } from 'preact/hooks';
import type { PasskeyView } from '../../../../shared/contracts/people.ts';
import type { ProblemAnswer } from '../../../../shared/contracts/problem.ts';
import { date } from '../lib/zone.ts';
import { Panel, Problem } from '../parts/layout.tsx';
import { sendJson, useAnswer } from '../state/api.ts';
import { addPasskey } from '../state/passkeys.ts';
import { session } from '../state/session.ts';
import { zone } from '../state/settings.ts';
import { t } from '../words/t.ts';
import { readSession } from '../state/sign-in.ts';

/** Passkeys of the one who is signed in: with one, a sign-in takes password and passkey. */
export function Passkeys() {
  const isLacking = session.value?.user?.lacksPasskey === true;
  const [version, setVersion] = useState(0);
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ProblemAnswer | null>(null);
  const answer = useAnswer<{ items: readonly PasskeyView[] }>('/v1/passkeys', version);
  const items = answer.state === 'good' ? answer.value.items : [];
  const done = (): void => {
    setVersion((before) => before + 1);
    void readSession();
  };
  const add = async (): Promise<void> => {
    setBusy(true);
    const made = await addPasskey(name.trim(), password);
    setBusy(false);
    setProblem(made.state === 'bad' ? made.problem : null);
    if (made.state !== 'good') return;
    setName('');
    setPassword('');
    done();
  };
  const remove = async (id: string): Promise<void> => {
    const removed = await sendJson('DELETE', `/v1/passkeys/${id}`);
    setProblem(removed.state === 'bad' ? removed.problem : null);
    done();
  };
  return (
    <Panel title={t('Passkeys')}>
      <form
        class="sign-in-form"
        onSubmit={(event) => {
          event.preventDefault();
          void add();
        }}
      >
        <p>
          {isLacking
            ? t('Your role needs a passkey: make one, and everything else opens.')
            : t('Once you have one, a sign-in takes your password and a passkey.')}
        </p>
        <label>
          {t('How you know it again')}
          <input value={name} required maxLength={60} onInput={(event) => setName(event.currentTarget.value)} />
        </label>
        <label>
          {t('Your password')}
          <input
            type="password"
            value={password}
            required
            maxLength={200}
            autocomplete="current-password"
            onInput={(event) => setPassword(event.currentTarget.value)}
          />
        </label>
        <button type="submit" disabled={busy}>
          {t('Make passkey')}
        </button>
        {problem !== null && <Problem problem={problem} />}
      </form>
      {items.length > 0 && (
        <ul class="token-list">
          {items.map((each) => (
            <li key={each.id}>
              <b>{each.name}</b>
              <span class="muted">
                {each.lastUsedAt === null
                  ? t('{host}, never used', { host: each.host })
                  : t('{host}, last used {when}', { host: each.host, when: date(Date.parse(each.lastUsedAt), zone()) })}
              </span>
              <button type="button" onClick={() => void remove(each.id)}>
                {t('Remove {name}', { name: each.name })}
              </button>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
