import { setImmediate } from 'node:timers/promises';
import type { Server as TlsServer } from 'node:tls';
import { parentPort, workerData } from 'node:worker_threads';
import type { TimeBase, Timer } from '../../shared/time/clock.ts';
import { every } from '../../shared/time/every.ts';
import { SystemClock } from '../../shared/time/system-clock.ts';
import { TimelineClock } from '../../shared/time/timeline-clock.ts';
import { NOBODY, PeopleReader } from '../access/people-reader.ts';
import { type Api, buildApi, type TlsMaterial } from '../api/app.ts';
import { callersOf } from '../api/callers/caller-file.ts';
import type { ApiDeps } from '../api/deps.ts';
import { HTTP_LIMITS } from '../api/http-limits.ts';
import type { GuardedOwner } from '../api/owner-acts.ts';
import { computePool } from '../compute/compute-pool.ts';
import { callsOver } from '../compute/thread-calls.ts';
import { newId } from '../jobs/new-id.ts';
import type { PlannerTasks } from '../planner/planner-tasks.ts';
import { plannerWorker } from '../planner/worker-file.ts';
import { PlannerFeed } from '../planner/events/planner-event.ts';
import type { RoleNotice } from '../read-model/notice.ts';
import type { PackedChanges } from '../read-model/packed-changes.ts';
import { ReadModel } from '../read-model/read-model.ts';
import { readTls, type TlsFiles } from './api-door.ts';
import type { ApiThreadData, ApiMessage } from './api-thread-data.ts';
import { apiViews } from './api-views.ts';
import { readStores } from './read-stores.ts';

/** The api role: it serves HTTP, page and event stream from what it reads for itself, and asks the owner for all else. */
const start = workerData as ApiThreadData;
const { settings, region, alarmRules, callers, host, port, tls, calls, changes } = start;
const say = (message: ApiMessage): void => parentPort!.postMessage(message, []);
/** What cannot be copied is told in words. */
const failed = (error: unknown): void => {
  try {
    say({ kind: 'failed', error });
  } catch {
    say({ kind: 'failed', error: new Error(String(error)) });
  }
};
let isEnding = false;
const TLS_LOOK_MS = 60_000;

const readModel = new ReadModel<RoleNotice>();
const feed = callsOver<{ after(position: number): PackedChanges<RoleNotice> }>(changes);

async function follow(): Promise<never> {
  for (;;) readModel.take(await feed.after(readModel.position));
}

/** Who cannot follow any more would show what was, and wait for ever for what an answer is to show: the thread begins anew. */
function giveUp(error: unknown): void {
  if (isEnding) return;
  failed(error);
  process.exit(1);
}

/** A certificate that was renewed is shown from the next handshake on. Until key and certificate fit, the old ones go on. */
function followTls({ server }: Api['app'], files: TlsFiles, first: TlsMaterial, time: TimeBase): Timer {
  let shown = first;
  return every(time, TLS_LOOK_MS, async () => {
    try {
      const now = readTls(files);
      if (now.cert !== shown.cert || now.key !== shown.key) (server as unknown as TlsServer).setSecureContext(now);
      shown = now;
    } catch (error) {
      failed(error);
    }
  });
}

async function serve(): Promise<number> {
  const plannerFeed = new PlannerFeed(0);
  // Sent before the snapshot: past notices are there for a planner who returns.
  readModel.listen((notice) => notice.kind === 'planner' && plannerFeed.take(notice.data));
  readModel.take(await feed.after(0));
  follow().catch(giveUp);
  const asked = new Map<number, PromiseWithResolvers<unknown>>();
  const owner = callsOver<GuardedOwner>(calls, (position: number) => readModel.reached(position), asked);
  const line = readModel.get('timeLine');
  const clock = line === undefined ? new SystemClock(failed) : new TimelineClock(line, failed);
  readModel.onChange('timeLine', () => {
    const next = readModel.get('timeLine');
    if (clock instanceof TimelineClock && next !== undefined) clock.setLine(next);
  });
  const planning = computePool<PlannerTasks>({ file: plannerWorker, threads: 1, lane: 'planner' });
  const material = tls === undefined ? undefined : readTls(tls);
  const { close: closeStores, ...stores } = readStores(start, alarmRules);
  const deps: ApiDeps = {
    ...settings,
    ...stores,
    ...apiViews(readModel, region, clock),
    clock,
    region,
    owner,
    alarmRules,
    feed: plannerFeed,
    people: new PeopleReader({
      accounts: () => readModel.get('people') ?? NOBODY,
      requestsPerSecond: settings.requestsPerSecond,
      passkeyRoles: settings.passkeyRoles,
      now: () => clock.machine.now(),
      noteUse: (id) => void owner.people.noteUse(id).catch(failed),
    }),
    callerOf: callersOf(callers),
    planning,
    newId,
    onBug: failed,
  };
  const { app, stream } = await buildApi(deps, HTTP_LIMITS, material);
  const following =
    tls === undefined || material === undefined ? undefined : followTls(app, tls, material, clock.machine);
  const close = async (): Promise<void> => {
    isEnding = true;
    stream.stop();
    following?.cancel();
    await app.close();
    // An act under way is done and written down, though who asked is gone.
    for (; asked.size > 0; await setImmediate())
      await Promise.allSettled([...asked.values()].map(({ promise }) => promise));
    await planning.close();
    await closeStores();
    for (const each of [calls, changes, parentPort!]) each.close();
  };
  parentPort!.once('message', () => void close().catch(failed));
  await app.listen({ host, port, backlog: 4096 });
  stream.start();
  const address = app.server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}

try {
  say({ kind: 'listening', port: await serve() });
} catch (error) {
  const { code, message } = error as { readonly code?: string; readonly message: string };
  say({ kind: 'refused', code, message });
}
