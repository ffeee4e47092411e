import { paced } from '../lib/paced.ts';
import { session } from './session.ts';
import { readSession, tellPresence } from './sign-in.ts';

/** Frequent enough for a cloud that locks after a minute. */
const PRESENCE_INTERVAL_MS = 25_000;

/** Reports activity at the desk to a cloud that would otherwise lock it. */
export function startPresence(): void {
  const tell = async (): Promise<void> => {
    const { user = null, lockAfterMin } = session.peek() ?? {};
    if (user === null || user.locked === true || lockAfterMin === undefined) return;
    const problem = await tellPresence();
    if (problem !== null) await readSession();
  };
  const noticed = paced(PRESENCE_INTERVAL_MS, () => void tell());
  for (const kind of ['keydown', 'pointerdown', 'wheel'])
    addEventListener(kind, noticed, { capture: true, passive: true });
}
