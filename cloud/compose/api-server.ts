import { setImmediate } from 'node:timers/promises';
import type { Server as TlsServer } from 'node:tls';
import type { Clock, TimeBase, Timer } from '../../shared/time/clock.ts';
import { every } from '../../shared/time/every.ts';
import { SystemClock } from '../../shared/time/system-clock.ts';
import { TimelineClock } from '../../shared/time/timeline-clock.ts';
import { NOBODY, PeopleReader } from '../access/people-reader.ts';
import { type Api, buildApi, type TlsMaterial } from '../api/app.ts';
import { callersOf } from '../api/callers/caller-file.ts';
import type { ApiDeps } from '../api/deps.ts';
import { HTTP_LIMITS } from '../api/http-limits.ts';
import type { GuardedOwner, OwnerCalls } from '../api/owner-acts.ts';
import { computePool } from '../compute/compute-pool.ts';
import { callsOver, type CallLine } from '../compute/thread-calls.ts';
import { newId } from '../jobs/new-id.ts';
import type { PlannerTasks } from '../planner/planner-tasks.ts';
import { plannerWorker } from '../planner/worker-file.ts';
import { PlannerFeed } from '../planner/events/planner-event.ts';
import type { RoleNotice } from '../read-model/notice.ts';
import { ReadModel } from '../read-model/read-model.ts';
import { readTls, type TlsFiles } from './api-door.ts';
import { apiViews } from './api-views.ts';
import type { ApiStart } from './api-thread-data.ts';
import type { OpenedReads } from './read-stores.ts';

/** What an api role has heard of the owner. */
export class Heard {
  readonly model = new ReadModel<RoleNotice>();
  /** For planners: notices of before the snapshot are there for one who returns. */
  readonly planners = new PlannerFeed(0);

  constructor() {
    this.model.listen((notice) => notice.kind === 'planner' && this.planners.take(notice.data));
  }
}

export interface ApiServerParts {
  readonly start: ApiStart;
  readonly heard: Heard;
  /** What it reads for itself, but for what only the owner has. */
  readonly reads: (owner: OwnerCalls) => OpenedReads;
  /** To the owner's functions. */
  readonly calls: CallLine;
  /** Of an api node, which may lose its owner; absent: both end together. */
  readonly node?: NonNullable<ApiDeps['node']>;
  readonly mainThreadAt?: NonNullable<ApiDeps['mainThreadAt']>;
  readonly failed: (error: unknown) => void;
}

/** An api role that listens. */
export interface ApiServer {
  readonly port: number;
  /** No new clients are accepted and connections are cut. An act in progress is completed and audited. */
  close(): Promise<void>;
}

const TLS_LOOK_MS = 60_000;

/** Serves HTTP, page and event stream from what this role has heard and reads for itself, and asks the owner for all else. */
export async function serveApi({
  start,
  heard,
  reads,
  calls,
  node,
  mainThreadAt,
  failed,
}: ApiServerParts): Promise<ApiServer> {
  const { settings, region, alarmRules, callers, host, port, tls } = start;
  const { model, planners } = heard;
  const asked = new Map<number, PromiseWithResolvers<unknown>>();
  let isEnding = false;
  // Who ends shows nothing any more, and the feed may not be followed.
  const reached = (position: number): Promise<void> | undefined => (isEnding ? undefined : model.reached(position));
  const owner = callsOver<GuardedOwner>(calls, reached, asked);
  const clock = clockOf(model, failed);
  const planning = computePool<PlannerTasks>({ file: plannerWorker, threads: 1, lane: 'planner' });
  const material = tls === undefined ? undefined : readTls(tls);
  const { close: closeStores, ...stores } = reads(owner);
  const holderOf = callersOf(callers);
  /** Who has not heard the owner for a while does not know who has lost a right. */
  const isBlind = (): boolean => node?.away() !== undefined;
  const deps: ApiDeps = {
    ...settings,
    ...stores,
    ...apiViews(model, region, clock),
    clock,
    region,
    owner,
    alarmRules,
    feed: planners,
    people: new PeopleReader({
      accounts: () => (isBlind() ? NOBODY : (model.get('people') ?? NOBODY)),
      presence: () => model.get('presence') ?? {},
      requestsPerSecond: settings.requestsPerSecond,
      passkeyRoles: settings.passkeyRoles,
      lockAfterMs: settings.lockAfterMin * 60_000,
      now: () => clock.machine.now(),
      noteUse: (id) => void owner.people.noteUse(id).catch(failed),
    }),
    callerOf: (token) => (isBlind() ? undefined : holderOf(token)),
    planning,
    newId,
    onBug: failed,
    ...(node === undefined ? {} : { node }),
    ...(mainThreadAt === undefined ? {} : { mainThreadAt }),
  };
  const { app, stream } = await buildApi(deps, HTTP_LIMITS, material);
  let following: Timer | undefined;
  const close = async (): Promise<void> => {
    isEnding = true;
    model.release();
    stream.stop();
    following?.cancel();
    await app.close();
    // An act under way is done and written down, though who asked is gone.
    for (; asked.size > 0; await setImmediate())
      await Promise.allSettled([...asked.values()].map(({ promise }) => promise));
    await planning.close();
    await closeStores();
  };
  try {
    await app.listen({ host, port, backlog: 4096 });
  } catch (error) {
    await close();
    throw error;
  }
  if (tls !== undefined && material !== undefined)
    following = followTls({ app, files: tls, first: material, time: clock.machine, failed });
  stream.start();
  const address = app.server.address();
  return { port: typeof address === 'object' && address !== null ? address.port : port, close };
}

function clockOf(model: ReadModel<RoleNotice>, failed: (error: unknown) => void): Clock {
  const line = model.get('timeLine');
  const clock = line === undefined ? new SystemClock(failed) : new TimelineClock(line, failed);
  model.onChange('timeLine', () => {
    const next = model.get('timeLine');
    if (clock instanceof TimelineClock && next !== undefined) clock.setLine(next);
  });
  return clock;
}

interface FollowedTls {
  readonly app: Api['app'];
  readonly files: TlsFiles;
  readonly first: TlsMaterial;
  readonly time: TimeBase;
  readonly failed: (error: unknown) => void;
}

/** A certificate that was renewed is shown from the next handshake on. Until key and certificate fit, the old ones go on. */
function followTls({ app: { server }, files, first, time, failed }: FollowedTls): Timer {
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
