import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Asks again and again until there is an answer other than undefined and false; fails with `what` where none comes. The time is there
 * for a test to end, not to measure: speed is for the benchmarks.
 */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined | false> | T | undefined | false,
  { withinS = 300, everyMs = 250 }: { readonly withinS?: number; readonly everyMs?: number } = {},
): Promise<T> {
  const deadline = performance.now() + withinS * 1000;
  let last = 'no answer yet';
  for (;;) {
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== false) return answer;
      last = 'not so yet';
    } catch (error) {
      last = error instanceof Error ? error.message : String(error);
    }
    if (performance.now() > deadline) throw new Error(`${what}: not within ${withinS} s (${last})`);
    await sleep(everyMs);
  }
}
