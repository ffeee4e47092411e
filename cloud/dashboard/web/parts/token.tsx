import { useRef } from 'preact/hooks';
import { token } from '../state/settings.ts';
import { reconnect } from '../state/store.ts';

/** The session token: what changes something needs it. Kept for this tab alone. */
export function TokenField() {
  const input = useRef<HTMLInputElement>(null);
  const box = useRef<HTMLDetailsElement>(null);
  const set = (text: string): void => {
    token.value = text;
    reconnect();
    box.current?.removeAttribute('open');
  };
  return (
    <details class="token" ref={box}>
      <summary>{token.value === '' ? 'Access' : 'Access: token set'}</summary>
      <form
        class="pop"
        onSubmit={(event) => {
          event.preventDefault();
          set(input.current?.value.trim() ?? '');
        }}
      >
        <label>
          Session token
          <input ref={input} type="password" autocomplete="off" spellcheck={false} defaultValue={token.value} />
        </label>
        <p class="muted">Printed once when the cloud starts. Kept in this tab until it is closed.</p>
        <div class="row">
          <button type="submit" class="primary">
            Use
          </button>
          <button type="button" onClick={() => set('')}>
            Forget
          </button>
        </div>
      </form>
    </details>
  );
}
