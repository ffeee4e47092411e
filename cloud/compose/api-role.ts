import type { Region } from '../../shared/contracts/region.ts';
import type { Inference } from '../../shared/ports/inference.ts';
import type { Clock } from '../../shared/time/clock.ts';
import { mayAct } from '../access/caller.ts';
import { guarded } from '../api/owner-acts.ts';
import type { AuditList } from '../audit/audit-list.ts';
import { FailedAttempts } from '../audit/failed-attempts.ts';
import type { CloudConfig } from '../config.ts';
import { Areas } from '../desk/areas.ts';
import type { WeatherSource } from '../forecast/serve/inputs.ts';
import type { BrokerStanding } from '../ingest/rabbitmq/broker-standing.ts';
import { targetsOf } from '../forecast/serve/telemetry-load-source.ts';
import { ChangeFeed } from '../read-model/change-feed.ts';
import { FeedWriter } from '../read-model/feed-writer.ts';
import type { RoleNotice } from '../read-model/notice.ts';
import type { Notifications } from '../notify/notifications.ts';
import type { ParentLine } from '../simulation/parent-line.ts';
import { Recorder } from '../playback/recorder.ts';
import type { Postgres } from '../sql/postgres.ts';
import type { TelemetryStore } from '../telemetry/store.ts';
import type { Access } from './access.ts';
import { readTls, urlOf, type TlsFiles } from './api-door.ts';
import type { AnsweringParts } from './answer-role.ts';
import { ApiNodes, type ApiNodesOptions, type SharedStart } from './api-nodes.ts';
import { ApiThread } from './api-thread.ts';
import { LoopDelays } from './loop-delays.ts';
import type { NodesSource } from './health.ts';
import type { OwnThreads } from './pools.ts';
import { ownerCalls } from './owner-calls.ts';
import { openOwnerDoor } from './owner-door.ts';
import type { OwnerRole } from './owner-role.ts';
import type { Planner } from './planner.ts';
import type { Stores } from './stores.ts';

export interface ApiRoleParts {
  readonly config: CloudConfig;
  readonly data: string;
  /** The database that holds the state; undefined: the state is in the data folder. */
  readonly postgres: Postgres | undefined;
  readonly region: Region;
  readonly clock: Clock;
  readonly role: OwnerRole;
  readonly stores: Stores;
  readonly telemetry: TelemetryStore;
  readonly planner: Planner;
  readonly notify: Notifications;
  readonly weather: WeatherSource | undefined;
  readonly inference: Inference;
  /** Gateways that are connected. */
  readonly connected: () => readonly string[];
  /** True if gateways can connect. */
  readonly listens: () => boolean;
  /** State of an external broker. */
  readonly broker?: (() => BrokerStanding) | undefined;
  /** Heavy work on threads of this process. */
  readonly own: OwnThreads;
  /** Job nodes, if there is a RabbitMQ where they connect. */
  readonly nodes: NodesSource | undefined;
  readonly parent: ParentLine | undefined;
  readonly access: Access;
  readonly audit: AuditList;
  readonly dashboardRoot: string | undefined;
  /** Key and certificate for HTTPS; undefined: plain HTTP. */
  readonly tls: TlsFiles | undefined;
  /** Where api roles on other machines connect; absent: there is no broker, or no database that they could read. */
  readonly apiNodes: NodesPlace | undefined;
  onFailure(error: unknown): void;
}

/** Where api nodes reach the owner. */
export type NodesPlace = Pick<ApiNodesOptions, 'address' | 'postgres' | 'mayOpen' | 'logger'>;

/** The api role beside an owner. */
export interface ApiRole {
  /** Starts it and returns its URL. Rejects with LS-PORT-001 if the port is busy. */
  open(): Promise<string>;
  close(): Promise<void>;
}

export async function composeApiRole(parts: ApiRoleParts): Promise<ApiRole> {
  const { config, region, clock, role, access, parent } = parts;
  const feed = new ChangeFeed<RoleNotice>();
  const may = (name: string, target: string): boolean => {
    const caller = access.callerNamed(name);
    return caller !== undefined && mayAct(region, caller, target);
  };
  const areas = await composeAreas(parts, may);
  const attempts = new FailedAttempts({ audit: parts.audit, store: parts.stores.attempts, time: clock.machine });
  await attempts.start();
  const writer = composeWriter(parts, feed, areas);
  const recorder = new Recorder({
    region,
    clock,
    feed,
    store: parts.stores.moments,
    onFailure: (error) => parts.onFailure(error),
  });
  const delays = new LoopDelays(clock.machine, threadCpuS);
  const shared: SharedStart = {
    settings: {
      requestsPerSecond: config.api.requestsPerSecond,
      passkeyRoles: config.api.passkeyRoles,
      passkeyApprovals: config.api.passkeyApprovals,
      notice: config.api.notice,
      lockAfterMin: config.api.lockAfterMin,
      webhookHosts: config.api.webhookHosts,
      ssoName: access.oidc?.name,
      simulated: parent !== undefined,
      federated: config.models.federated.enabled,
    },
    region,
    alarmRules: role.alarms.rules(),
    callers: access.callers,
  };
  const answering: AnsweringParts = {
    owner: guarded(ownerCalls({ ...parts, ...access, areas, attempts, mayAct: may, delays }), {
      region,
      callerOfSession: (session) => access.people.callerOfSession(session),
      callerOfTokenHash: (hash) => access.callerOfTokenHash(hash),
    }),
    answers: parts.stores.idempotency,
    feed,
    writer,
    onFailure: (error) => parts.onFailure(error),
  };
  const nodes =
    parts.apiNodes === undefined
      ? undefined
      : new ApiNodes({ ...answering, ...parts.apiNodes, start: shared, time: clock.machine });
  const openDoor = (): Promise<Door> =>
    config.roles.includes('api')
      ? openThread({ ...parts, shared, answering })
      : openOwnerDoor({
          host: config.api.host,
          port: config.api.port,
          tls: parts.tls === undefined ? undefined : readTls(parts.tls),
          health: () => Promise.resolve(answering.owner.grid.health()),
          metrics: () => Promise.resolve(answering.owner.grid.metrics()),
          callerOfTokenHash: (hash) => access.callerOfTokenHash(hash),
          region: parts.region,
          time: clock.machine,
          onFailure: (error) => parts.onFailure(error),
        });
  let door: Door | undefined;
  const stops: (() => void)[] = [];
  return {
    open: async () => {
      writer.start();
      recorder.start();
      delays.start();
      stops.push(
        role.subscribe((notice) => writer.tell(notice)),
        parts.planner.feed.listen((event) => writer.tell({ kind: 'planner', data: event })),
        access.people.onChange(() => writer.tell({ kind: 'rights', data: null })),
      );
      door = await openDoor();
      nodes?.start();
      return urlOf(config.api.host, door.port, parts.tls);
    },
    close: async () => {
      await using ending = new AsyncDisposableStack();
      ending.defer(() => attempts.close());
      ending.defer(() => delays.stop());
      ending.defer(() => recorder.stop());
      ending.defer(() => writer.stop());
      for (const stop of stops) stop();
      await Promise.all([door?.close(), nodes?.close()]);
    },
  };
}

/** The server at the port of page and API. */
interface Door {
  readonly port: number;
  close(): Promise<void>;
}

interface ThreadParts extends Pick<ApiRoleParts, 'config' | 'access' | 'dashboardRoot' | 'data' | 'tls' | 'clock'> {
  readonly shared: SharedStart;
  readonly answering: AnsweringParts;
}

/** Page and API in a thread of this process. */
async function openThread({ config, access, shared, answering, clock, tls, ...parts }: ThreadParts): Promise<Door> {
  const { api, attack, state } = config;
  const thread = new ApiThread({
    ...answering,
    start: {
      ...shared,
      settings: {
        ...shared.settings,
        guests: api.guests,
        publicOrigin: api.publicOrigin,
        tls: api.tls !== undefined,
        trustedProxies: api.trustedProxies,
        demoUser: access.demoUser,
        allowedHosts: api.allowedHosts,
        dashboardRoot: parts.dashboardRoot,
        attackAllowed: attack.allow,
      },
      data: parts.data,
      ...(state.postgres === undefined ? {} : { postgres: state.postgres }),
      host: api.host,
      port: api.port,
      ...(tls === undefined ? {} : { tls }),
    },
    time: clock.machine,
  });
  return { port: await thread.open(), close: () => thread.close() };
}

/** Areas of responsibility from their store, with everyone's current rights; changes are reported as cloud events. */
async function composeAreas(
  { region, clock, stores, access, ...parts }: ApiRoleParts,
  mayHold: (name: string, target: string) => boolean,
): Promise<Areas> {
  const { people } = access;
  const areas = new Areas({
    region,
    store: stores.holdings,
    now: () => Math.round(clock.plant.now()),
    mayHold,
    signedIn: () => people.signedIn(),
    report: (event) => stores.events.append('cloud', [{ event }], clock.plant.now()),
  });
  await areas.start();
  people.onChange(() => void areas.sweep().catch((error: unknown) => parts.onFailure(error)));
  return areas;
}

export function composeWriter(
  {
    region,
    clock,
    role,
    stores,
    parent,
    access,
    ...parts
  }: Pick<ApiRoleParts, 'region' | 'clock' | 'role' | 'parent' | 'onFailure'> & {
    readonly stores: Pick<Stores, 'ledger'>;
    readonly access: { readonly people: Pick<Access['people'], 'accounts' | 'presence'> };
  },
  feed: ChangeFeed<RoleNotice>,
  areas: Pick<Areas, 'view'>,
): FeedWriter {
  return new FeedWriter({
    feed,
    region,
    clock,
    targets: targetsOf(region).map(({ id }) => id),
    live: role.live,
    estimate: (substation) => role.estimates.state(substation),
    findings: (substation) => role.estimates.findings(substation),
    plan: (substation) => role.dispatch.planFor(substation),
    forecast: (target) => role.forecasts.newest(target),
    link: (gateway) => role.gateways.link(gateway),
    health: (gateway) => role.gateways.health(gateway),
    alarmCount: (gateway) => role.alarms.count(gateway),
    ledger: (gateway) => {
      const { stored, missing, refused } = stores.ledger.completeness(gateway);
      return { storedFrames: stored, missingFrames: missing, refusedFrames: refused };
    },
    alarms: () => role.alarms.view(),
    areas: () => areas.view(),
    overrides: () => role.desk.overrides(),
    people: () => access.people.accounts,
    presence: () => access.people.presence,
    pace: () => ({
      speed: parent?.pace.speed ?? 1,
      speedReached: parent?.pace.reached ?? 1,
      simulated: parent !== undefined,
    }),
    timeLine: () => parent?.line,
    onFailure: (error) => parts.onFailure(error),
  });
}

/** CPU time of this thread, s. */
function threadCpuS(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1e6;
}
