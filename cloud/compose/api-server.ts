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

/** The state that an api role has received from the owner. */
export class Heard {
  readonly model = new ReadModel<RoleNotice>();
  /** Planner events, including earlier ones for clients that reconnect. */
  readonly planners = new PlannerFeed(0);

  constructor() {
    this.model.listen((notice) => notice.kind === 'planner' && this.planners.take(notice.data));
  }
}

export interface ApiServerParts {
  readonly start: ApiStart;
  readonly heard: Heard;
  /** The stores that it reads itself, given the owner for what only that has. */
  readonly reads: (owner: OwnerCalls) => OpenedReads;
  /** To the owner's functions. */
  readonly calls: CallLine;
  /** State of an api node, which may lose its owner; absent: both end together. */
  readonly node?: NonNullable<ApiDeps['node']>;
  readonly mainThreadAt?: NonNullable<ApiDeps['mainThreadAt']>;
  readonly failed: (error: unknown) => void;
}

/** An api role that listens. */
export interface ApiServer {
  readonly port: number;
  /** Accepts no new clients and closes connections. An act in progress is completed and audited. */
  close(): Promise<void>;
}

const TLS_LOOK_MS = 60_000;

/** Serves HTTP, page and event stream from the received state and its own reads; everything else goes to the owner. */
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
  // An ending role shows nothing more, and the feed may no longer be followed, so answers must not wait for it.
  const reached = (position: number): Promise<void> | undefined => (isEnding ? undefined : model.reached(position));
  const owner = callsOver<GuardedOwner>(calls, reached, asked);
  const clock = clockOf(model, failed);
  const planning = computePool<PlannerTasks>({ file: plannerWorker, threads: 1, lane: 'planner' });
  const material = tls === undefined ? undefined : readTls(tls);
  const { close: closeStores, ...stores } = reads(owner);
  const holderOf = callersOf(callers);
  /** A node that has not heard from its owner for a while does not know whose rights have been revoked. */
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
    await using ending = new AsyncDisposableStack();
    ending.defer(() => closeStores());
    ending.defer(() => planning.close());
    isEnding = true;
    model.release();
    stream.stop();
    following?.cancel();
    await app.close();
    // Completes and audits acts under way, even though their clients are gone.
    for (; asked.size > 0; await setImmediate())
      await Promise.allSettled([...asked.values()].map(({ promise }) => promise));
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

/** Uses a renewed certificate from the next handshake on. The old one stays until key and certificate match. */
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
