import { useRef, useState } from 'preact/hooks';
import type { ProblemAnswer } from '../../../../shared/contracts/problem.ts';
import { baseOf, entriesOf } from '../lib/screen.ts';
import { shared } from '../state/areas.ts';
import { route, screens } from '../state/route.ts';
import { isLocked, may, session } from '../state/session.ts';
import { lock, signOut } from '../state/sign-in.ts';
import { t } from '../words/t.ts';
import { Problem } from './layout.tsx';

/** The signed-in user with their roles; sign-in and sign-out. */
export function UserMenu() {
  const box = useRef<HTMLDetailsElement>(null);
  const [problem, setProblem] = useState<ProblemAnswer | null>(null);
  const user = session.value?.user ?? null;
  if (user === null) {
    return (
      <a class="sign-in" href="/login" aria-current={route.value.screen === 'login' ? 'page' : undefined}>
        {t('Sign in')}
      </a>
    );
  }
  const { mine } = shared.value;
  const close = (): void => box.current?.removeAttribute('open');
  const leave = async (action: typeof lock): Promise<void> => {
    const found = await action();
    setProblem(found);
    if (found === null) close();
  };
  return (
    <details
      class="menu"
      ref={box}
      onToggle={() => setProblem(null)}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        close();
        box.current?.querySelector('summary')?.focus();
      }}
    >
      <summary>
        <span class="unseen">{t('Signed in as')} </span>
        {user.name}
      </summary>
      <div class="pop">
        <p>{user.roles.length === 0 ? t('No role') : user.roles.join(', ')}</p>
        {mine.length > 0 && (
          <p class="muted">
            {t('Holds {mine, plural, one {# area} other {# areas}}, also after signing out', {
              mine: mine.length,
            })}
          </p>
        )}
        <div class="row">
          {entriesOf(screens.value, 'user')
            .filter(({ screen: { right } }) => right === undefined || may(right))
            .map(({ name, text, screen }) => (
              <a key={name} class="sign-in" href={baseOf(screen)} onClick={close}>
                {t(text)}
              </a>
            ))}
          {!isLocked.value && (
            <button type="button" onClick={() => void leave(lock)}>
              {t('Lock')}
            </button>
          )}
          <button type="button" onClick={() => void leave(signOut)}>
            {t('Sign out')}
          </button>
        </div>
        {problem !== null && <Problem problem={problem} />}
      </div>
    </details>
  );
}
