import { bad, good, LoadstoneError } from '../../../shared/outcome/outcome.ts';
import type { OidcLogin } from '../../access/oidc.ts';
import type { People } from '../../access/people.ts';
import type { AlarmService } from '../../alarms/alarm-service.ts';
import type { Areas } from '../../desk/areas.ts';
import type { Desk } from '../../desk/desk.ts';
import { OperatorActs } from '../../desk/operator-acts.ts';
import type { PlanView } from '../../../shared/contracts/plan.ts';
import type { UploadStore } from '../../planner/inputs/upload-store.ts';
import type { WeatherStore } from '../../planner/inputs/weather-store.ts';
import type { Owner } from '../owner.ts';
import type { Measured } from '../../planner/inputs/measured.ts';

const DAY_MS = 86_400_000;

/** The real objects behind an owner. */
export interface OwnerParts extends Pick<
  Owner,
  'annotations' | 'attempts' | 'audit' | 'idempotency' | 'jobs' | 'notify' | 'scenarios' | 'shift' | 'webhooks'
> {
  readonly desk: Desk;
  readonly areas: Areas;
  readonly mayAct: (name: string, target: string) => boolean;
  readonly alarms: AlarmService;
  readonly people: People;
  readonly oidc: Pick<OidcLogin, 'begin' | 'finish' | 'endSession'> | undefined;
  readonly uploads: UploadStore;
  readonly weatherVintages: Pick<WeatherStore, 'put'>;
  readonly vintages: Pick<Owner['forecasts'], 'put'>;
  plan(substation: string): PlanView | undefined;
  plantNow(): number;
}

/** Replacements for functions of the owner, by group. */
export type OwnerChanges = { readonly [Group in keyof Owner]?: Partial<Owner[Group]> };

/** Constant half a megawatt, with one unknown step in each answer. */
export const steadyMeasured = (now: number): Measured => ({
  intervals: async ({ start, end, resolutionS }) =>
    Array.from({ length: (end - start) / (1000 * resolutionS) }, (_, step) => ({
      start: start + step * resolutionS * 1000,
      mean: step === 1 ? null : 500 + step,
      min: null,
      max: null,
      coverage: 1,
      quality: step === 1 ? 'bad' : 'good',
      origin: 'measured',
    })),
  metered: async () => [],
  receipts: async ({ start, end, resolutionS }) =>
    Array.from({ length: (end - start) / (1000 * resolutionS) }, (_, step) => start + (step + 1) * resolutionS * 1000),
  span: async () => ({ from: now - DAY_MS, to: now }),
  uncontrolled: {
    intervals: async ({ start, end, resolutionS }) => ({
      values: Array.from({ length: (end - start) / (1000 * resolutionS) }, () => null),
      substitution: null,
    }),
  },
});

/** Builds an owner over these parts, with an idle grid, models and rounds, except for the changes. */
export function ownerOf(parts: OwnerParts, changes: OwnerChanges = {}): Owner {
  const { desk, areas, alarms, people, audit, attempts, idempotency, jobs, scenarios, webhooks, annotations } = parts;
  const owner: Owner = {
    operators: new OperatorActs({ desk, areas, alarms, mayAct: parts.mayAct }),
    desk: {
      command: (id) => desk.command(id),
      commands: (limit, before) => desk.commands(limit, before),
      effect: (wish) => desk.effect(wish),
      overrides: () => desk.overrides(),
      view: () => desk.acts.view((substation) => parts.plan(substation)?.plan),
      approval: (id) => desk.acts.approval(id),
      approvals: () => desk.acts.approvals(),
    },
    areas,
    alarms,
    shift: parts.shift,
    notify: parts.notify,
    people,
    passkeys: people.passkeys,
    userRequests: people.second,
    oidc: {
      begin: async (redirectUri, before) => {
        const { url, flow } = await parts.oidc!.begin(redirectUri, before);
        return { url: url.href, flow };
      },
      finish: (query, flow) => parts.oidc!.finish(query, flow),
      endSession: async (idToken, returnTo) => (await parts.oidc!.endSession(idToken, returnTo))?.href,
    },
    audit,
    attempts,
    idempotency,
    jobs,
    givenUp: { retry: async () => undefined, discard: async () => undefined },
    scenarios,
    webhooks,
    annotations,
    exports: { part: async () => undefined },
    uploads: {
      add: (uploads) => parts.uploads.add(uploads, () => parts.plantNow()),
      forget: (values) => parts.uploads.forget(values),
    },
    weather: parts.weatherVintages,
    forecasts: {
      put: (forecasts) => parts.vintages.put(forecasts),
      explain: async ({ id }) => {
        throw new LoadstoneError('LS-FORECAST-009', `${id} comes from no model`);
      },
    },
    models: {
      request: async (id) => bad('LS-MODEL-002', `there is no model ${id}`),
      duel: () => undefined,
      waiting: async () => undefined,
      drift: () => undefined,
      take: async () => bad('LS-MODEL-005', 'it is no ONNX file'),
    },
    federated: { campaign: () => undefined, begin: async () => undefined },
    measured: steadyMeasured(parts.plantNow()),
    grid: {
      voltageQuality: async () => [],
      trend: async ({ start }) => ({ start, stepS: 60, items: [] }),
      past: async () => [],
      completeness: async () => ({
        stored: 0,
        missing: 0,
        refused: 0,
        dropped: 0,
        lost: 0,
        complete: true,
        reasons: {},
      }),
      quarantine: () => ({ counts: {}, samples: [] }),
      journals: () => [],
      metrics: async () => '# nothing\n',
      health: async () => ({ store: 'ok', broker: 'ok', clock: 'ok', disk: 'ok' }),
      system: async () => ({
        version: '0.2.0',
        nodes: [
          {
            role: 'owner',
            name: 'process 1 of cloud-1',
            version: '0.2.0',
            address: null,
            since: parts.plantNow() - DAY_MS,
          },
          {
            role: 'standby',
            name: 'process 1 of cloud-2',
            version: null,
            address: '192.0.2.7',
            since: parts.plantNow(),
          },
          {
            role: 'job',
            name: 'process 1 of job-1',
            version: '0.1.9',
            address: null,
            since: parts.plantNow() - DAY_MS,
          },
        ],
        queues: [
          { kind: 'plan', waiting: 12, running: 3, threads: 1, nodeThreads: 2 },
          { kind: 'train', waiting: 0, running: 0, threads: 1, nodeThreads: 1 },
          { kind: 'planner', waiting: null, running: 1, threads: 2, nodeThreads: 2 },
        ],
        parts: [
          { part: 'store', kind: 'InfluxDB', health: 'ok' },
          { part: 'disk', kind: '', health: '120 MB are free at /var/lib/loadstone-cloud, fewer than 500' },
        ],
        lag: {
          thread: { seconds: 60, lateP50Ms: 0.3, lateP99Ms: 12, lateMaxMs: 40, busyPct: 8 },
          memoryBytes: 310_000_000,
          heldPoints: 0,
          failedWrites: 0,
          backlogFrames: 12,
          missingFrames: 1,
          commitMs: 2.1,
          term: 3,
        },
        givenUp: [
          {
            id: 'plan.owd',
            kind: 'plan',
            subject: 'owd',
            by: null,
            at: parts.plantNow(),
            attempts: 2,
            code: 'LS-NODE-002',
            why: 'dispatch was given up: it was returned four times, as its nodes died or lost the broker',
          },
        ],
      }),
    },
    simulation: { inject: async () => good({ acceptedAt: parts.plantNow() }) },
  };
  const groups = Object.entries(owner).map(([name, group]: [string, object]) => [
    name,
    changed(group, changes[name as keyof Owner] ?? {}),
  ]);
  return Object.fromEntries(groups) as Owner;
}

/** Replaces some functions of a group; each is called on its own object. */
const changed = (group: object, changes: object): object =>
  new Proxy(group, {
    get: (_group, name) => {
      const of = Object.hasOwn(changes, name) ? changes : group;
      const found: unknown = Reflect.get(of, name);
      return typeof found === 'function' ? (found.bind(of) as unknown) : found;
    },
  });
