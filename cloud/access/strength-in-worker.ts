import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { Turns } from '../../shared/time/turns.ts';

const MOST_WAITING = 10;

/**
 * Judges each new password on a thread of its own: the dictionaries take 40 MB, startup does without them, and a hostile text cannot slow
 * down the control room. Throws LS-API-008 if ten are pending already.
 */
export function strengthInWorker(judge = judged): typeof judged {
  const turns = new Turns();
  let waiting = 0;
  return async (password, words) => {
    if (waiting >= MOST_WAITING)
      throw new LoadstoneError('LS-API-008', 'too many new passwords are being judged; try again in a moment');
    waiting++;
    try {
      return await turns.take(() => judge(password, words));
    } finally {
      waiting--;
    }
  };
}

async function judged(password: string, words: readonly string[]): Promise<string | undefined> {
  const worker = new Worker(new URL('./strength.worker.ts', import.meta.url), {
    workerData: { password, words },
    resourceLimits: { maxOldGenerationSizeMb: 256 },
  });
  try {
    const [weakness] = (await once(worker, 'message')) as [string | undefined];
    return weakness;
  } finally {
    await worker.terminate();
  }
}
