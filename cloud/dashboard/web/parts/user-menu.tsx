import { useRef } from 'preact/hooks';
import { plural } from '../lib/format.ts';
import { shared } from '../state/areas.ts';
import { route } from '../state/route.ts';
import { may, session } from '../state/session.ts';
import { signOut } from '../state/sign-in.ts';

/** Who is signed in, with their roles; the way in and out. */
export function UserMenu() {
  const box = useRef<HTMLDetailsElement>(null);
  const user = session.value?.user ?? null;
  if (user === null) {
    return (
      <a class="sign-in" href="/login" aria-current={route.value.screen === 'login' ? 'page' : undefined}>
        Sign in
      </a>
    );
  }
  const { mine } = shared.value;
  const close = (): void => box.current?.removeAttribute('open');
  return (
    <details
      class="menu"
      ref={box}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        close();
        box.current?.querySelector('summary')?.focus();
      }}
    >
      <summary>
        <span class="unseen">Signed in as </span>
        {user.name}
      </summary>
      <div class="pop">
        <p>{user.roles.length === 0 ? 'No role' : user.roles.join(', ')}</p>
        {mine.length > 0 && (
          <p class="muted">{`Holds ${plural(mine.length, 'area')}: they stay theirs after sign-out`}</p>
        )}
        <div class="row">
          {may('access:write') && (
            <a class="sign-in" href="/users" onClick={close}>
              Users
            </a>
          )}
          {may('audit:read') && (
            <a class="sign-in" href="/audit" onClick={close}>
              Audit
            </a>
          )}
          <a class="sign-in" href="/settings" onClick={close}>
            Settings
          </a>
          <a class="sign-in" href="/login" onClick={close}>
            Password and tokens
          </a>
          <button type="button" onClick={() => void signOut()}>
            Sign out
          </button>
        </div>
      </div>
    </details>
  );
}
