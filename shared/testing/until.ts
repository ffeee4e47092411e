import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../outcome/message-of.ts';

const FIRST_PAUSE_MS = 5;
const GROWTH = 1.5;

interface Patience {
  /** Only ends a hanging test. It measures nothing; benchmarks do that. */
  readonly withinS?: number;
  /** The longest pause; the first ones are short. */
  readonly mostMs?: number;
}

/** Polls until `ask` returns something other than undefined and false. Otherwise fails with `what` and the last error. */
export async function until<T>(
  what: string | (() => string),
  ask: () => Promise<T | undefined | false> | T | undefined | false,
  { withinS = 300, mostMs = 250 }: Patience = {},
): Promise<T> {
  const end = performance.now() + withinS * 1000;
  let last = 'not yet';
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(mostMs, pauseMs * GROWTH)) {
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== false) return answer;
      last = 'not yet';
    } catch (error) {
      last = messageOf(error);
    }
    if (performance.now() > end)
      throw new Error(`${typeof what === 'string' ? what : what()}: not within ${withinS} s (${last})`);
    await sleep(pauseMs);
  }
}
