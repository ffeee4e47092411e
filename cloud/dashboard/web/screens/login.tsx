import { useRef, useState } from 'preact/hooks';
import type { ComponentChildren } from 'preact';
import type { ProblemAnswer } from '../../../../shared/contracts/problem.ts';
import { PasswordField } from '../parts/fields.tsx';
import { Panel, Problem } from '../parts/layout.tsx';
import { go } from '../state/route.ts';
import { may, session } from '../state/session.ts';
import { changePassword, signIn } from '../state/sign-in.ts';
import { Passkeys } from './passkeys.tsx';
import { Tokens } from './tokens.tsx';
import type { Screen } from '../lib/screen.ts';
import { t } from '../words/t.ts';

export const screen: Screen = {
  path: '/login',
  title: 'Sign in',
  Component: LoginScreen,
  entries: [{ menu: 'user', text: 'Password and tokens', at: 40 }],
};

const LEAST_PASSWORD = 12;

/** Sign-in; for a signed-in user, a change of the password, which a one-time password requires. */
function LoginScreen() {
  const { user = null, demo = null, sso = null, notice = null } = session.value ?? {};
  return (
    <>
      <div class="place">
        <h1 tabIndex={-1}>{user === null ? t('Sign in') : user.name}</h1>
      </div>
      <div class="sign-in-page">
        {user === null && notice !== null && (
          <Panel title={t('Before you sign in')}>
            <p class="sign-in-notice">{notice}</p>
          </Panel>
        )}
        {user === null ? <SignIn /> : <NewPassword oneTime={user.mustChange} />}
        {user !== null && !user.mustChange && <Passkeys />}
        {user !== null && !user.mustChange && user.lacksPasskey !== true && <Tokens />}
        {user === null && sso !== null && (
          <Panel title={t('Your organisation')}>
            <a class="button wide-button" href="/v1/session/oidc">
              {t('Sign in by {sso}', { sso })}
            </a>
          </Panel>
        )}
        {user === null && demo !== null && <DemoUser {...demo} />}
      </div>
    </>
  );
}

interface FormProps {
  readonly title: string;
  readonly act: string;
  readonly children: ComponentChildren;
  readonly send: () => Promise<ProblemAnswer | null>;
}

/** Fields, one button, and the problem. */
function Form({ title, act, children, send }: FormProps) {
  const [problem, setProblem] = useState<ProblemAnswer | null>(null);
  const [busy, setBusy] = useState(false);
  const submit = async (): Promise<void> => {
    setBusy(true);
    const found = await send();
    setBusy(false);
    setProblem(found);
    const { mustChange = true, lacksPasskey = false } = session.peek()?.user ?? {};
    if (found === null && !mustChange && !lacksPasskey) go('/');
  };
  return (
    <Panel title={title}>
      <form
        class="sign-in-form"
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        {children}
        <button type="submit" class="primary" disabled={busy}>
          {act}
        </button>
        {problem !== null && <Problem problem={problem} />}
      </form>
    </Panel>
  );
}

function SignIn() {
  const name = useRef<HTMLInputElement>(null);
  const password = useRef<HTMLInputElement>(null);
  return (
    <Form
      title={t('Your account')}
      act={t('Sign in')}
      send={() => signIn(name.current?.value.trim() ?? '', password.current?.value ?? '')}
    >
      <label>
        {t('Name')}
        <input ref={name} autocomplete="username" autocapitalize="none" spellcheck={false} required maxLength={63} />
      </label>
      <PasswordField label={t('Password')} ref={password} />
    </Form>
  );
}

function NewPassword({ oneTime }: { oneTime: boolean }) {
  const current = useRef<HTMLInputElement>(null);
  const next = useRef<HTMLInputElement>(null);
  return (
    <Form
      title={oneTime ? t('Choose a password of your own') : t('Change password')}
      act={t('Change password')}
      send={() => changePassword(current.current?.value ?? '', next.current?.value ?? '')}
    >
      <p>
        {oneTime
          ? t('The password that you were given only allows this change.')
          : t('Your other sessions and all your API tokens end with it.')}
      </p>
      <PasswordField label={t('Current password')} ref={current} />
      <PasswordField
        label={t('New password, {least} characters or more', { least: LEAST_PASSWORD })}
        ref={next}
        autocomplete="new-password"
        minLength={LEAST_PASSWORD}
      />
    </Form>
  );
}

/** Only with a simulated plant, over loopback. */
function DemoUser({ name, password }: { name: string; password: string }) {
  const [problem, setProblem] = useState<ProblemAnswer | null>(null);
  const enter = async (): Promise<void> => {
    const found = await signIn(name, password);
    setProblem(found);
    if (found === null) go('/');
  };
  return (
    <Panel title={t('This is a demo')}>
      <p>
        {t('An operator to try it with: name')} <code>{name}</code>
        {t(', password')} <code>{password}</code>
      </p>
      <div class="row">
        <button type="button" onClick={() => void enter()}>
          {t('Sign in as {name}', { name })}
        </button>
        {may('planner:read') && <a href="/">{t('Look around as a guest')}</a>}
      </div>
      {problem !== null && <Problem problem={problem} />}
    </Panel>
  );
}
