import type { IncidentEntry, IncidentLimit, IncidentView } from '../../../../shared/contracts/incident.ts';
import type { EventParameters } from '../../../../shared/contracts/event.ts';
import { duration, euro, kw, number, pu, words } from './format.ts';
import { near } from './zone.ts';
import { t, translate, type Text } from '../words/t.ts';

/** Every sentence about an incident, built from its figures, for the overview, its page and the saved file. */

const MINUTES_30 = 30 * 60_000;

/** The overview shows an incident for half an hour after its end. */
export const isRecent = ({ endedAt }: IncidentView, now: number): boolean =>
  endedAt === null || now - endedAt < MINUTES_30;

/** An exceeded limit is amber; what the guard brought back is quiet, and so is what has ended. */
export function levelOfIncident({ endedAt, limit, kind }: IncidentView): 1 | 2 | 3 | null {
  if (endedAt !== null) return null;
  if (kind === 'trip' || kind === 'outage') return 1;
  return limit !== null && limit.backAt === null ? 2 : 3;
}

const KINDS: Readonly<Record<IncidentView['kind'], Text>> = {
  spike: 'Spike of load',
  limit: 'Limit passed',
  trip: 'Trip',
  outage: 'Outage',
};

/** `Feeder 2` for hfdp-2, as in the diagram. */
export const feederName = (feeder: string): string => t('Feeder {feeder}', { feeder: feeder.split('-').at(-1)! });

type Placed = Pick<IncidentView, 'feeder' | 'substation'>;

export function placeText({ feeder, substation }: Placed, substationName: string): string {
  return feeder === null ? substationName : `${feederName(feeder)} (${feeder}), ${substationName || substation}`;
}

export const titleText = (incident: Placed & Pick<IncidentView, 'kind'>, substationName: string): string =>
  t('{kind} on {place}', { kind: t(KINDS[incident.kind]), place: placeText(incident, substationName) });

export const pathOf = ({ id }: Pick<IncidentView, 'id'>): string => `/incidents/${id}`;

/** The list of recent incidents in which a device took part. */
export const devicePath = (gateway: string, device: string): string => `/incidents?device=${gateway}/${device}`;

export const screenOf = ({ feeder, substation }: IncidentView): string =>
  feeder === null ? `/substations/${substation}` : `/feeders/${feeder}`;

const inUnit = (value: number, unit: string): string => `${unit === 'pu' ? pu(value) : kw(value)} ${unit}`;

/** The jump of the load. */
export function jumpText({ jump, feeder: own }: IncidentView): string | null {
  if (jump === null) return null;
  const { beforeKw, peakKw, limitKw, feeder = own } = jump;
  const of = feeder === own || feeder === null ? '' : ` ${t('of {feeder}', { feeder })}`;
  const rise =
    Math.abs(beforeKw) < 1
      ? ''
      : ` ${t('({rise} % more)', { rise: number((100 * (peakKw - beforeKw)) / Math.abs(beforeKw)) })}`;
  const share = limitKw === null ? '' : t(', {share} % of its limit', { share: number((100 * peakKw) / limitKw) });
  return t('Load{of} went from {before} to {peak} kW{rise}{share}.', {
    of,
    before: kw(beforeKw),
    peak: kw(peakKw),
    rise,
    share,
  });
}

/** The exceeded limit, and whether it holds again. */
export function limitText(incident: IncidentView): string {
  const { limit } = incident;
  if (limit === null) return t('No limit was passed.');
  const { element, bound, worst, unit } = limit;
  const now = backText(incident, limit);
  return t('{element} passed its limit of {bound}: {worst} at worst, {now}.', {
    element: named(element),
    bound: inUnit(bound, unit),
    worst: inUnit(worst, unit),
    now,
  });
}

function backText(incident: IncidentView, { passedAt, backAt }: IncidentLimit): string {
  const { entries, endedAt } = incident;
  if (backAt === null) {
    if (endedAt !== null) return t('its return was not seen');
    return isHeard(incident) ? t('still past it') : t('past it when last heard');
  }
  const isSeen = !entries.some(({ code, at }) => UNSEEN.includes(code) && at >= passedAt && at <= backAt);
  return isSeen
    ? t('back inside after {time}', { time: shortly(backAt - passedAt) })
    : t('back inside after at most {time}', { time: shortly(backAt - passedAt) });
}

/** Entries after which nobody saw for a while what happened. */
const UNSEEN: readonly string[] = ['gateway.silent', 'cloud.restarted'];

/** True if the incident's state is current. */
export const isHeard = ({ unheardSince = null }: Pick<IncidentView, 'unheardSince'>): boolean => unheardSince === null;

/** To the second if short. */
const shortly = (ms: number): string => (ms < 120_000 ? `${Math.round(ms / 1000)} s` : duration(ms));

const named = (element: string): string =>
  element === 'transformer'
    ? t('The transformer')
    : element.startsWith('feeder-')
      ? t('The head of {element}', { element: words(element) })
      : element;

/** Which devices relieved it, by how much. */
export function reliefText(incident: IncidentView): string {
  const { reliefs, limit, endedAt } = incident;
  const known = reliefs.map(({ device, kw: most }) => `${device} (${kw(most)} kW)`);
  const called = expectedOf(incident).filter((device) => !reliefs.some((each) => each.device === device));
  const list = listed([...known, ...called]);
  const isNow = endedAt === null && isHeard(incident);
  if (list !== '')
    return isNow
      ? t('The guard relieves it with {list}.', { list })
      : t('The guard relieved it with {list}.', { list });
  return limit === null ? t('The guard had nothing to do.') : t('No device relieved it.');
}

/** Devices that the guard has called but not yet reported. */
const expectedOf = ({ entries }: IncidentView): string[] => [
  ...new Set(entries.filter(({ code }) => code === 'limit.passed').flatMap(({ parameters }) => devicesOf(parameters))),
];

const devicesOf = ({ devices }: EventParameters): readonly string[] => (Array.isArray(devices) ? devices : []);

export const listed = (names: readonly string[]): string =>
  names.length < 2
    ? names.join('')
    : t('{names} and {last}', { names: names.slice(0, -1).join(', '), last: names.at(-1)! });

export function stateText(
  { endedAt, startedAt, unheardSince = null }: IncidentView,
  { now, zone }: { readonly now: number; readonly zone: string },
): string {
  if (unheardSince !== null)
    return endedAt === null
      ? t('not heard since {time}, ongoing then', { time: near(unheardSince, now, zone) })
      : t('last heard of at {time}, its end was not seen', { time: near(unheardSince, now, zone) });
  return endedAt === null
    ? t('ongoing, for {time} so far', { time: duration(now - startedAt) })
    : t('over, after {time}', { time: duration(endedAt - startedAt) });
}

export function costText({ reliefs }: IncidentView): string {
  if (reliefs.length === 0) return t('nothing');
  const energy = reliefs.reduce((sum, each) => sum + each.energyKwh, 0);
  const priced = reliefs.filter(({ costEur }) => costEur !== null);
  const cost = priced.reduce((sum, each) => sum + each.costEur!, 0);
  const held = t('{energy} kWh held back', { energy: number(energy, 1) });
  if (priced.length === 0) return t('{held}, at no price by contract', { held });
  return t('{held}, {cost} at the contracts’ prices', { held, cost: euro(cost) });
}

const text = (parameters: EventParameters, name: string): string => String(parameters[name] ?? '');
const figure = (parameters: EventParameters, name: string): number => Number(parameters[name]);

const ENTRIES: Readonly<Record<string, (parameters: EventParameters) => string>> = {
  'spike.began': (of) =>
    t('The load of {feeder} jumps from {before} to {now} kW.', {
      feeder: text(of, 'feeder'),
      before: kw(figure(of, 'beforeKw')),
      now: kw(figure(of, 'kw')),
    }),
  'spike.ended': (of) =>
    t('The jump is over: {feeder} takes {power} kW.', { feeder: text(of, 'feeder'), power: kw(figure(of, 'kw')) }),
  'spike.absorbed': (of) =>
    t('The load stays up at {power} kW: it counts as the load from now on.', { power: kw(figure(of, 'kw')) }),
  'limit.passed': (of) =>
    t('{element} is at {value}, past {bound}{relief}.', {
      element: named(text(of, 'element')),
      value: inUnit(figure(of, 'value'), text(of, 'unit')),
      bound: inUnit(figure(of, 'bound'), text(of, 'unit')),
      relief: devicesOf(of).length === 0 ? '' : t(': {devices} is to relieve it', { devices: listed(devicesOf(of)) }),
    }),
  'limit.back': (of) =>
    t('{element} is back inside {bound}.', {
      element: named(text(of, 'element')),
      bound: inUnit(figure(of, 'bound'), text(of, 'unit')),
    }),
  'relief.began': (of) =>
    t('{device} is held by {power} kW.', { device: text(of, 'device'), power: kw(figure(of, 'kw')) }),
  'relief.ended': (of) => t('{device} is released.', { device: text(of, 'device') }),
  'plan.made': (of) => t('A new plan is made: {trigger}.', { trigger: words(text(of, 'trigger')) }),
  'plan.applied': () => t('The new plan is in force.'),
  'alarm.raised': (of) => t('Alarm {code} is raised.', { code: text(of, 'alarmCode') }),
  'alarm.acknowledged': (of) => t('Alarm {code} is acknowledged.', { code: text(of, 'alarmCode') }),
  'alarm.returned': (of) => t('Alarm {code} is gone.', { code: text(of, 'alarmCode') }),
  act: (of) =>
    t('{act} for {target}: {reason}', {
      act: words(text(of, 'act')),
      target: text(of, 'target'),
      reason: text(of, 'reason'),
    }),
  'gateway.silent': () => t('The gateway is not heard any more: what happens there is not seen.'),
  'gateway.heard': () => t('The gateway is heard again.'),
  'cloud.restarted': () => t('The cloud was started again: what happened meanwhile was not seen.'),
  over: () => t('Nothing of it is ongoing.'),
};

/** Text of an entry; an unknown code is shown as it is. */
export const entryText = ({ code, parameters }: IncidentEntry): string => ENTRIES[code]?.(parameters) ?? code;

/** Author of an entry: a person or a gateway, by name. */
export const whoText = ({ by }: Pick<IncidentEntry, 'by'>): string => (by === 'guard' ? translate(by) : (by ?? ''));

/** Returns the incidents of a substation, or of one feeder, newest first. An incident of the whole substation counts for every feeder. */
export const incidentsOf = (
  all: readonly IncidentView[],
  { substation, feeder }: { readonly substation: string; readonly feeder?: string },
): IncidentView[] =>
  all.filter(
    (each) =>
      each.substation === substation && (feeder === undefined || each.feeder === null || each.feeder === feeder),
  );

/** Returns the incident that an alarm belongs to. */
export const incidentOfAlarm = (all: readonly IncidentView[], alarm: number): IncidentView | undefined =>
  all.find(
    ({ alarms, entries }) =>
      alarms?.includes(alarm) === true || entries.some(({ parameters }) => parameters['alarm'] === alarm),
  );

/** Returns the open incident that a device relieves. */
export const relievedBy = (all: readonly IncidentView[], gateway: string, device: string): IncidentView | undefined =>
  all.find(
    (incident) =>
      incident.gateway === gateway &&
      incident.endedAt === null &&
      (incident.reliefs.some((each) => each.device === device && each.until === null) ||
        (incident.limit?.backAt === null && expectedOf(incident).includes(device))),
  );
