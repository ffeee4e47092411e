import { useState } from 'preact/hooks';
import type { PasskeyView } from '../../../../shared/contracts/people.ts';
import type { ProblemAnswer } from '../../../../shared/contracts/problem.ts';
import { date } from '../lib/zone.ts';
import { PasswordField } from '../parts/fields.tsx';
import { Panel, Problem } from '../parts/layout.tsx';
import { sendJson, useAnswer } from '../state/api.ts';
import { addPasskey } from '../state/passkeys.ts';
import { session } from '../state/session.ts';
import { zone } from '../state/settings.ts';
import { t } from '../words/t.ts';
import { readSession } from '../state/sign-in.ts';

/** Passkeys of the signed-in user; with one, sign-in requires password and passkey. */
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
          {t('How you recognise it')}
          <input value={name} required maxLength={60} onInput={(event) => setName(event.currentTarget.value)} />
        </label>
        <PasswordField label={t('Your password')} value={password} onText={setPassword} />
        <button type="submit" disabled={busy}>
          {t('Make passkey')}
        </button>
        {problem !== null && <Problem problem={problem} />}
      </form>
      {items.length > 0 && (
        <ul class="token-list">
          {items.map((each) => (
            <OwnPasskey key={each.id} passkey={each} onDone={done} />
          ))}
        </ul>
      )}
    </Panel>
  );
}

type PasskeyAction = 'rename' | 'remove';

/** A passkey of the list: renaming needs the new name, removal the password. */
function OwnPasskey({ passkey: { id, name, host, lastUsedAt }, onDone }: { passkey: PasskeyView; onDone: () => void }) {
  const [action, setAction] = useState<PasskeyAction | null>(null);
  const [text, setText] = useState('');
  const [problem, setProblem] = useState<ProblemAnswer | null>(null);
  const begin = (next: PasskeyAction): void => {
    setAction(action === next ? null : next);
    setText(next === 'rename' ? name : '');
    setProblem(null);
  };
  const finish = async (): Promise<void> => {
    const answer =
      action === 'rename'
        ? await sendJson('PUT', `/v1/passkeys/${id}`, { name: text.trim() })
        : await sendJson('POST', `/v1/passkeys/${id}/remove`, { password: text });
    if (answer.state === 'bad') return setProblem(answer.problem);
    setAction(null);
    onDone();
  };
  return (
    <li>
      <b>{name}</b>
      <span class="muted">
        {lastUsedAt === null
          ? t('{host}, never used', { host })
          : t('{host}, last used {when}', { host, when: date(Date.parse(lastUsedAt), zone()) })}
      </span>
      <button type="button" aria-expanded={action === 'rename'} onClick={() => begin('rename')}>
        {t('Rename {name}', { name })}
      </button>
      <button type="button" aria-expanded={action === 'remove'} onClick={() => begin('remove')}>
        {t('Remove {name}', { name })}
      </button>
      {action !== null && (
        <form
          class="sign-in-form"
          onSubmit={(event) => {
            event.preventDefault();
            void finish();
          }}
        >
          {action === 'rename' ? (
            <label>
              {t('New name')}
              <input value={text} required maxLength={60} onInput={(event) => setText(event.currentTarget.value)} />
            </label>
          ) : (
            <PasswordField label={t('Your password, to remove {name}', { name })} value={text} onText={setText} />
          )}
          <button type="submit">{action === 'rename' ? t('Save') : t('Remove')}</button>
          {problem !== null && <Problem problem={problem} />}
        </form>
      )}
    </li>
  );
}
