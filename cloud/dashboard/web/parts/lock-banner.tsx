import { useRef, useState } from 'preact/hooks';
import type { ProblemAnswer } from '../../../../shared/contracts/problem.ts';
import { isLocked, session } from '../state/session.ts';
import { signIn, signOut } from '../state/sign-in.ts';
import { t } from '../words/t.ts';
import { PasswordField } from './fields.tsx';
import { Problem } from './layout.tsx';

/** Shown above every screen of a locked desk: what it may still send, and how to sign in again. */
export function LockBanner() {
  const { user = null, sso = null } = session.value ?? {};
  const password = useRef<HTMLInputElement>(null);
  const [problem, setProblem] = useState<ProblemAnswer | null>(null);
  const [busy, setBusy] = useState(false);
  if (user === null || !isLocked.value) return null;
  const { name } = user;
  const open = async (): Promise<void> => {
    setBusy(true);
    setProblem(await signIn(name, password.current?.value ?? ''));
    setBusy(false);
  };
  return (
    <section class="lock-banner" aria-label={t('Locked desk')}>
      <p role="status">
        <b>{t('This desk is locked.')}</b>{' '}
        {t(
          'It still shows what every role may read. A stop, Manual and the release of an override still work; all else waits until {name} has signed in again.',
          {
            name,
          },
        )}
      </p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void open();
        }}
      >
        <input
          class="unseen"
          type="text"
          autocomplete="username"
          value={name}
          readOnly
          tabIndex={-1}
          aria-hidden="true"
        />
        <PasswordField label={t('Password of {name}', { name })} ref={password} />
        <button type="submit" class="primary" disabled={busy}>
          {t('Sign in again')}
        </button>
        {sso !== null && (
          <a class="button" href="/v1/session/oidc">
            {t('Sign in by {sso}', { sso })}
          </a>
        )}
        <button type="button" class="quiet" onClick={() => void signOut().then(setProblem)}>
          {t('Sign out')}
        </button>
      </form>
      {problem !== null && <Problem problem={problem} />}
    </section>
  );
}
