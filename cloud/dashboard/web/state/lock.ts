import { session } from './session.ts';
import { readSession, tellPresence } from './sign-in.ts';

/** A cloud that locks after a minute hears of it in time. */
const TOLD_MS = 25_000;

/** Tells the cloud that somebody is at the desk, where it would lock it. */
export function startPresence(): void {
  let toldAt = -Infinity;
  const tell = async (): Promise<void> => {
    const { user = null, lockAfterMin } = session.peek() ?? {};
    if (user === null || user.locked === true || lockAfterMin === undefined) return;
    if (performance.now() - toldAt < TOLD_MS) return;
    toldAt = performance.now();
    const problem = await tellPresence(true);
    if (problem !== null) await readSession();
  };
  for (const kind of ['keydown', 'pointerdown', 'wheel'])
    addEventListener(kind, () => void tell(), { capture: true, passive: true });
}
