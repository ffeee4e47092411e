import type { LoadstoneEvent } from '../../shared/contracts/event.ts';
import { eventSays, type EventForm, type EventPhrase } from '../../shared/sentences/event-forms.ts';
import { formatMessage } from '../../shared/sentences/message-forms.ts';
import type { Verdict } from '../control/safety-memory.ts';
import type { ControlState } from '../control/state.ts';
import { DEAD_PU, finite, type ElementImage, type Image } from '../control/image.ts';
import type { Condition } from './alarms.ts';
import { rounded, unitOf } from './figures.ts';
import { deviceFlows, flows } from './flows.ts';
import type { Site, StepResult } from './step-types.ts';

/** What is wrong in this cycle, as conditions whose edges become alarms. */
export function conditionsOf(result: StepResult, site: Site): Condition[] {
  const { image, state } = result;
  return [
    ...silentDevices(image),
    ...silentMeters(result),
    ...silentSite(result),
    ...meterFindings(result),
    ...blownFuses(image, site),
    ...leverFindings(result),
    ...heartbeatLost(state, site),
  ];
}

type Heard = Pick<ElementImage, 'fresh' | 'excused' | 'lastSeen'>;

const isSilent = ({ fresh, excused }: Heard): boolean => !fresh && excused !== true;

/**
 * A meter may still report voltage but no power, or power but not a limited current. The guard is then as blind as without the
 * meter, and reacts the same way.
 */
const isBlind = (meter: ElementImage, silent: StepResult['silent']): boolean =>
  isSilent(meter) || (meter.fresh && (meter.activePowerKw === null || silent.includes(meter.id)));

/** A source not heard since the start may still be connecting, ms; after that it counts as missing like any other. */
const FIRST_HEARD_MS = 60_000;

const whenMissing = ({ lastSeen }: Heard): Pick<Condition, 'onDelayMs'> =>
  lastSeen === null ? { onDelayMs: FIRST_HEARD_MS } : {};

function silentDevices({ devices }: Image): Condition[] {
  return [...devices.values()].filter(isSilent).map((device) => ({
    key: `device:${device.id}`,
    severity: 'medium',
    ...eventSays('LS-CONTROL-003', '{device} does not answer; it counts at its worst until it is back', {
      device: device.id,
    }),
    device: device.id,
    ...whenMissing(device),
  }));
}

function silentMeters({ image, liars, silent }: StepResult): Condition[] {
  return [...image.elements.values()]
    .filter((element) => isBlind(element, silent) && liars[element.id] === undefined)
    .map((element) => ({
      key: `meter:${element.id}`,
      severity: 'high',
      ...eventSays(
        'LS-METER-003',
        'the meter of {device} is silent: devices behind it are frozen, after a minute on their safe defaults',
        { device: element.id },
      ),
      device: element.id,
      ...whenMissing(element),
    }));
}

/** If all meters that were heard before fall silent, there is one cause: the site's own network or its power. */
function silentSite({ image }: StepResult): Condition[] {
  const heard = [...image.elements.values()].filter(({ lastSeen }) => lastSeen !== null);
  if (heard.length < 2 || !heard.every(isSilent)) return [];
  return [
    {
      key: 'site',
      severity: 'high',
      ...eventSays(
        'LS-METER-006',
        'none of the {count} meters answers: all devices are frozen, after a minute on their safe defaults',
        { count: heard.length },
      ),
    },
  ];
}

function meterFindings({ liars }: StepResult): Condition[] {
  return Object.entries(liars).map(([device, finding]) => ({
    key: `finding:${device}:${finding}`,
    severity: 'high',
    ...(finding === 'reversed'
      ? eventSays('LS-METER-002', 'the meter of {device} counts with the wrong sign: the guard turns it', { device })
      : eventSays(
          'LS-METER-001',
          device === 'transformer'
            ? 'the meter of {device} reads nothing while load flows: the sum of its feeders stands in'
            : 'the meter of {device} reads nothing while load flows: it counts as silent',
          { device },
        )),
    device,
  }));
}

/** A blown fuse persists; a voltage dip ends sooner, ms. */
const FUSE_DELAY_MS = 30_000;

/**
 * Voltage reads zero where power or current flows. The measured voltage is that of the worst phase, so usually one fuse of the
 * voltage transformer has blown, and the meter misses the power of that phase too.
 */
function blownFuses({ elements, devices }: Image, { elements: guarded, specs }: Site): Condition[] {
  const found = [
    ...guarded.filter((spec) => isBlown(elements.get(spec.id), (seen) => flows(seen, spec))),
    ...specs.filter(({ id, rating }) => isBlown(devices.get(id), (seen) => deviceFlows(seen, rating))),
  ];
  return found.map(({ id: device }) => ({
    key: `fuse:${device}`,
    severity: 'medium',
    code: 'LS-METER-007',
    text: formatMessage(
      'LS-METER-007',
      'the voltage of {device} reads zero while load flows: a fuse of its voltage measurement has probably blown; its voltage is not guarded, and its power may read too low',
      { device },
    ),
    device,
    onDelayMs: FUSE_DELAY_MS,
  }));
}

const isBlown = <T extends Pick<ElementImage, 'fresh' | 'voltagePu'>>(
  seen: T | undefined,
  flowsIn: (seen: T) => boolean,
): boolean => seen?.fresh === true && finite(seen.voltagePu) && seen.voltagePu < DEAD_PU && flowsIn(seen);

/** A finding about a lever on one element applies to that element only; the device may work correctly elsewhere. */
function leverFindings({ findings }: StepResult): Condition[] {
  return findings.map(({ element, lever, verdict }) => {
    const device = verdict === 'meter' ? element : lever.split(':')[0]!;
    return {
      key: `relief:${element}:${lever}`,
      severity: verdict === 'undecided' ? 'medium' : 'high',
      ...eventSays('LS-CONTROL-011', formOf(verdict), {
        element,
        device,
        lever: (lever.endsWith(':q') ? 'reactive power' : 'active power') satisfies EventPhrase,
      }),
      device,
    };
  });
}

function formOf(verdict: Verdict): EventForm<'LS-CONTROL-011'> {
  switch (verdict) {
    case 'against':
      return 'relief of {element} by {device} ({lever}) makes it worse: its sign, or that of the meter of {element}, is turned; the guard uses it no more there';
    case 'none':
      return 'relief of {element} by {device} ({lever}) does not show there: it may be behind another feeder; the guard uses it no more there';
    case 'meter':
      return 'all relief of {element} seems to make it worse: its meter may be turned; the guard leaves {element} alone';
    case 'undecided':
    case 'right':
      return "relief of {element} does not come as it should; steps of {device} ({lever}) are too small beside the meter's error to tell whether it is at fault";
  }
}

/** A limit must be lost for this long before it is reported, ms; shorter losses are normal control. */
const LOST_DELAY_MS = 60_000;
/** At most this many devices are named, so that the text is never truncated. */
const NAMED = 5;

/**
 * Limits that an earlier limit left no room. One condition per losing limit, however many devices it has. Informational: nobody has
 * to act.
 */
export function lostLimits({ decisions }: StepResult): Condition[] {
  const lost = decisions.flatMap(({ device, losers }) => losers.map((limit) => ({ device, limit })));
  return [...Map.groupBy(lost, ({ limit }) => limit)].map(([limit, of]) => {
    const devices = of.slice(0, NAMED).map(({ device }) => device);
    const others = of.length - devices.length;
    return {
      key: `loser:${limit}`,
      severity: 'low',
      ...eventSays(
        'limit.lost',
        others === 0
          ? 'the {limit} is not kept at {devices}: a limit that goes first leaves it no room'
          : 'the {limit} is not kept at {devices} and {others} more: a limit that goes first leaves it no room',
        { limit: limit satisfies EventPhrase, devices, others },
      ),
      onDelayMs: LOST_DELAY_MS,
    };
  });
}

/**
 * A missing heartbeat needs attention, and so does a fail-safe that goes on after its minimum time. Until then it ends by itself
 * once the heartbeat is back.
 */
function heartbeatLost({ failsafe, heartbeatAgeS }: ControlState, { elements, heartbeatLostS }: Site): Condition[] {
  if (!elements.some((element) => element.failsafe !== null) || !failsafe.active || failsafe.fromStart) return [];
  const minimumS = Math.max(0, ...elements.map((element) => element.failsafe?.minimumS ?? 0));
  const over = failsafe.heldS >= minimumS;
  if (!over && heartbeatAgeS <= heartbeatLostS) return [];
  return [
    {
      key: over ? 'heartbeat:long' : 'heartbeat',
      severity: over ? 'high' : 'medium',
      ...(over
        ? eventSays(
            'LS-CONTROL-006',
            'the fail-safe limit has held for its minimum time of {hours} h and goes on: heartbeat or a fresh limit is missing',
            { hours: String(minimumS / 3600) },
          )
        : eventSays('LS-CONTROL-006', 'the heartbeat of the cloud is lost: the fail-safe limit holds')),
    },
  ];
}

/** Reports the guard's interventions as events: one when relief begins at a limit, one when the guard has released everything. */
export function guardEvents(before: boolean, result: StepResult, seen: Set<string>): LoadstoneEvent[] {
  const time = result.image.time;
  const events: LoadstoneEvent[] = [];
  for (const { limit, element, quantity, value, bound, levers } of result.interventions) {
    if (seen.has(limit)) continue;
    seen.add(limit);
    const devices = [...new Set(levers.map((lever) => lever.split(':')[0]!))].slice(0, NAMED);
    const said = eventSays(
      'guard.relief',
      devices.length === 0
        ? '{element} at {value} {unit} is past {bound} {unit}: nothing relieves it'
        : '{element} at {value} {unit} is past {bound} {unit}: {devices} relieves it',
      { element, value: rounded(value), bound: rounded(bound), unit: unitOf(quantity), devices },
    );
    events.push({ time, kind: 'event', severity: 'medium', ...said, subject: limit });
  }
  if (before && !result.guardActive) {
    seen.clear();
    events.push({
      time,
      kind: 'event',
      severity: 'info',
      ...eventSays('guard.released', 'the guard has let go of all devices'),
    });
  }
  return events;
}
