import { batch, computed, signal } from '@preact/signals';
import type { AreasView } from '../../../../shared/contracts/areas.ts';
import type { AlarmDeskView, AlarmView } from '../../../../shared/contracts/alarm.ts';
import type {
  EventView,
  FeederView,
  GatewayView,
  LinksView,
  RegionView,
  SubstationView,
} from '../../../../shared/contracts/view.ts';
import { mergeEvents, patched, patchedList, standingCount, wholeDesk } from '../lib/alarms.ts';
import { fitting } from '../lib/held-views.ts';
import { paced } from '../lib/paced.ts';
import type { BacklogSample } from '../lib/plan-steps.ts';
import { plantNow, type Moment } from '../lib/staleness.ts';
import { getAll, getJson } from './api.ts';
import { readCommands, takeCommand } from './commands.ts';
import { readIncidents, takeIncident } from './incidents.ts';
import { route, screens } from './route.ts';
import { isLocked, standing } from './session.ts';
import { comebacks, gaps, localZone } from './settings.ts';
import { cloudLink, Stream } from './stream.ts';

/** Events that the page holds, and more where a person asks for older ones. */
const MOST_EVENTS = 1000;
let mostEvents = MOST_EVENTS;
const BACKLOG_SAMPLES = 30;
const BASE_TOPICS = ['region', 'links', 'alarms', 'areas', 'event', 'forecast', 'plan', 'command', 'incident'];

export const region = signal<RegionView | null>(null);
/** Link of each gateway, and how many of its devices it reaches. */
export const links = signal<readonly LinksView[]>([]);
/** The gateways that the screen shows. */
export const gateways = signal<readonly GatewayView[]>([]);
export const feeders = signal<Readonly<Record<string, FeederView>>>({});
/** The newest events, without a gap. */
export const events = signal<readonly EventView[]>([]);
/** The desk of the stream and of acts since; alarms that were read because it does not carry all. */
const carriedDesk = signal<AlarmDeskView | null>(null);
const readAlarms = signal<readonly AlarmView[]>([]);
/** The standing alarms that the page knows; null until the cloud has answered. */
export const alarmDesk = computed(() => carriedDesk.value && wholeDesk(carriedDesk.value, readAlarms.value));
/** False until those alarms have been read that the stream does not carry. */
export const allAlarms = computed(
  () => alarmDesk.value !== null && alarmDesk.value.alarms.length >= standingCount(alarmDesk.value),
);
/** Holders of the areas of responsibility; null until the cloud has answered. */
export const areas = signal<AreasView | null>(null);
/** Newest forecast id by target, newest plan id by substation; a change triggers a new read. */
export const newestForecast = signal<Readonly<Record<string, string>>>({});
export const newestPlan = signal<Readonly<Record<string, string>>>({});
export const backlogs = signal<Readonly<Record<string, readonly BacklogSample[]>>>({});

/** performance.now(), once a second; ages and clocks follow it. */
export const tick = signal(performance.now());
const regionAt = signal(performance.now());

/** Current plant time; it continues between two messages. */
export const moment = computed<Moment>(() => {
  const clock = region.value?.clock;
  if (clock === undefined) return { now: Date.now(), speed: 1 };
  const since = Math.max(tick.value, regionAt.value) - regionAt.value;
  return { now: plantNow(clock, since), speed: clock.speed };
});
/** Before the first values of the region, `moment` is machine time and must not be used for plant data. */
export const hasPlantTime = computed(() => region.value !== null);
/** Plant time in quarters of an hour; measured series are read again when it changes. */
export const quarter = computed(() => Math.floor(moment.value.now / 900_000));

export const alarms = computed(() => alarmDesk.value?.alarms ?? []);
export const controlsOn = computed(() => cloudLink.value === 'up' && !isLocked.value);

export const substationOf = (id: string): SubstationView | undefined =>
  region.value?.substations.find((substation) => substation.id === id || substation.feeders.includes(id));

/** Returns the gateway of a substation or feeder. */
export const gatewaysOf = (id: string): readonly string[] => {
  const gateway = substationOf(id)?.gateway;
  return gateway === undefined ? [] : [gateway];
};

const stream = new Stream(
  {
    heartbeat: () => undefined,
    session: (reported) => (standing.value = reported),
    region: (view) =>
      batch(() => {
        region.value = view;
        regionAt.value = performance.now();
      }),
    feeder: (view) => (feeders.value = { ...feeders.peek(), [view.id]: view }),
    links: (views) => (links.value = views),
    gateways: takeGateways,
    gateway: (view) => takeGateways([...gateways.peek().filter(({ id }) => id !== view.id), view]),
    alarms: takeDesk,
    areas: (view) => (areas.value = view),
    event: (event) => takeEvents([event]),
    forecast: ({ target, id }) => (newestForecast.value = { ...newestForecast.peek(), [target]: id }),
    command: takeCommand,
    incident: takeIncident,
    gap: () => {
      gaps.value++;
      void catchUp();
      void readCommands();
    },
    plan: ({ substation, id }) => (newestPlan.value = { ...newestPlan.peek(), [substation]: id }),
  },
  () => void catchUp(),
);

const ALARMS_AGAIN_MS = 5_000;
/** Alarms that the page holds; more make it slow, and it says how many it shows. */
const MOST_ALARMS = 3_000;

export function takeDesk(view: AlarmDeskView): void {
  carriedDesk.value = view;
  if (view.alarms.length < standingCount(view)) readMoreAlarms();
  else readAlarms.value = [];
}

/** Applies acts on alarms until the stream reports them. */
export function changeAlarms(changed: readonly AlarmView[]): void {
  const desk = alarmDesk.peek();
  if (desk === null) return;
  batch(() => {
    carriedDesk.value = patched(desk, changed);
    readAlarms.value = patchedList(readAlarms.peek(), changed);
  });
}

let isReadingAlarms = false;

const readMoreAlarms = paced(ALARMS_AGAIN_MS, () => void readAll());

async function readAll(): Promise<void> {
  if (isReadingAlarms) return;
  isReadingAlarms = true;
  const before = carriedDesk.peek();
  const all = await getAll<AlarmView>('/v1/alarms?limit=1000', MOST_ALARMS);
  isReadingAlarms = false;
  if (all !== null) readAlarms.value = all;
  const desk = carriedDesk.peek();
  if (desk !== null && (all === null || desk !== before)) takeDesk(desk);
}

function takeGateways(views: readonly GatewayView[]): void {
  const at = performance.now();
  const samples = Object.fromEntries(
    views.map(({ id, health }) => {
      const known = backlogs.peek()[id] ?? [];
      return [
        id,
        health === null ? known : [...known, { at, frames: health.journal.backlogFrames }].slice(-BACKLOG_SAMPLES),
      ];
    }),
  );
  batch(() => {
    gateways.value = views;
    backlogs.value = samples;
  });
}

export function takeEvents(more: readonly EventView[]): void {
  events.value = mergeEvents(events.peek(), more, mostEvents);
}

/** The newest event held when reading what was missed began; undefined once that has been read. */
let heldBefore: number | undefined;

/** After each opening of the stream, reads what was missed. */
export async function catchUp(): Promise<void> {
  void readIncidents();
  if (!isZoneRead) void readZone();
  // Live events may come before the answer, but say nothing of what was missed before them.
  const before = heldBefore ?? events.peek()[0]?.id ?? 0;
  heldBefore = before;
  const newest = await getJson<{ items: EventView[] }>('/v1/events?limit=200');
  if (newest.state !== 'good') return;
  heldBefore = undefined;
  const { items } = newest.value;
  const oldest = items.at(-1)?.id ?? 0;
  if (oldest > before + 1) {
    events.value = events.peek().filter(({ id }) => id > oldest);
    mostEvents = MOST_EVENTS;
  }
  takeEvents(items);
}

/** Loads older events than the page holds; returns false if there are none. */
export async function loadOlderEvents(): Promise<boolean> {
  const oldest = events.peek().at(-1)?.id;
  const cursor = oldest === undefined ? '' : `&cursor=${oldest}`;
  const answer = await getJson<{ items: EventView[] }>(`/v1/events?limit=200${cursor}`);
  if (answer.state !== 'good') return true;
  const { items } = answer.value;
  mostEvents = Math.max(mostEvents, events.peek().length + items.length);
  takeEvents(items);
  return items.length > 0;
}

/** A page opened while the cloud was away does not know the local time zone yet. */
let isZoneRead = false;

async function readZone(): Promise<void> {
  const answer = await getJson<{ items: { timezone?: string }[] }>('/v1/substations?limit=1');
  const zone = answer.state === 'good' ? answer.value.items[0]?.timezone : undefined;
  if (zone === undefined) return;
  isZoneRead = true;
  localZone.value = zone;
}

/** Topics that the screen needs from the stream, as many as one stream may have. */
function topics(): string[] {
  const { screen, id } = route.value;
  const shown = screens.value.get(screen);
  const named = shown?.gateways?.(id) ?? [];
  return fitting([
    ...BASE_TOPICS,
    ...(named === 'all' ? ['gateways'] : named.map((gateway) => `gateway:${gateway}`)),
    ...(shown?.feeders?.(id) ?? []).map((feeder) => `feeder:${feeder}`),
  ]);
}
export const wantedTopics = computed(() => topics().join(' '));

export function startStore(): void {
  wantedTopics.subscribe((wanted) => stream.follow(wanted.split(' ')));
  const beat = (): void => {
    tick.value = performance.now();
    stream.watch();
  };
  window.setInterval(beat, 1000);
  // Timers of a hidden page nearly stop, so its countdowns are updated when it becomes visible.
  document.addEventListener('visibilitychange', beat);
  window.addEventListener('online', () => stream.hurry());
  comebacks.subscribe((count) => count > 0 && void readCommands());
}

/** Opens the stream again for another reader. */
export function reconnect(): void {
  stream.reconnect();
  void readZone();
}
