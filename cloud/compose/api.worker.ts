import { parentPort, workerData } from 'node:worker_threads';
import { callsOver, portLine } from '../compute/thread-calls.ts';
import type { FeedCalls } from './answer-role.ts';
import { Heard, serveApi } from './api-server.ts';
import type { ApiThreadData, ApiMessage } from './api-thread-data.ts';
import { Beat } from './beat.ts';
import { readStores, type OpenedReads } from './read-stores.ts';

/** The api role beside its owner. */
const start = workerData as ApiThreadData;
const { alarmRules, calls, changes, beat } = start;
const say = (message: ApiMessage): void => parentPort!.postMessage(message, []);
/** Reports an error; as text if it cannot be cloned. */
const failed = (error: unknown): void => {
  try {
    say({ kind: 'failed', error });
  } catch {
    say({ kind: 'failed', error: new Error(String(error)) });
  }
};
let isEnding = false;

const heard = new Heard();
const feed = callsOver<FeedCalls>(portLine(changes));

async function follow(): Promise<never> {
  for (;;) heard.model.take(await feed.after(heard.model.position));
}

/**
 * Ends the thread, so that it is restarted: without the feed it would show outdated state, and answers that wait for a position would never
 * be sent.
 */
function giveUp(error: unknown): void {
  if (isEnding) return;
  failed(error);
  process.exit(1);
}

async function serve(): Promise<number> {
  heard.model.take(await feed.after(0));
  follow().catch(giveUp);
  const reads = (): OpenedReads => readStores(start, alarmRules);
  const ownerBeat = new Beat(beat);
  const mainThreadAt = (): number => ownerBeat.at();
  const server = await serveApi({ start, heard, reads, calls: portLine(calls), mainThreadAt, failed });
  const close = async (): Promise<void> => {
    isEnding = true;
    await server.close();
    for (const each of [calls, changes, parentPort!]) each.close();
  };
  parentPort!.once('message', () => void close().catch(failed));
  return server.port;
}

try {
  say({ kind: 'listening', port: await serve() });
} catch (error) {
  const { code, message } = error as { readonly code?: string; readonly message: string };
  say({ kind: 'refused', code, message });
}
