import type { IncidentEntry, IncidentLimit, IncidentView } from '../../../../shared/contracts/incident.ts';
import type { EventParameters } from '../../../../shared/contracts/event.ts';
import { duration, euro, kw, number, pu, words } from './format.ts';
import { near } from './zone.ts';

/** Every sentence about an incident, made of its figures: on the overview, on its page and in what is handed on. */

const MINUTES_30 = 30 * 60_000;

/** On the overview it stands for half an hour after its end. */
export const isRecent = ({ endedAt }: IncidentView, now: number): boolean =>
  endedAt === null || now - endedAt < MINUTES_30;

/** What is past its limit is amber; what the guard brought back, and what is over, is quiet. */
export function levelOfIncident({ endedAt, limit, kind }: IncidentView): 1 | 2 | 3 | null {
  if (endedAt !== null) return null;
  if (kind === 'trip' || kind === 'outage') return 1;
  return limit !== null && limit.backAt === null ? 2 : 3;
}

const KINDS: Readonly<Record<IncidentView['kind'], string>> = {
  spike: 'Spike of load',
  limit: 'Limit passed',
  trip: 'Trip',
  outage: 'Outage',
};

/** `Feeder 2` of hfdp-2: as the diagram calls it. */
export const feederName = (feeder: string): string => `Feeder ${feeder.split('-').at(-1)}`;

type Placed = Pick<IncidentView, 'feeder' | 'substation'>;

export function placeText({ feeder, substation }: Placed, substationName: string): string {
  return feeder === null ? substationName : `${feederName(feeder)} (${feeder}), ${substationName || substation}`;
}

export const titleText = (incident: Placed & Pick<IncidentView, 'kind'>, substationName: string): string =>
  `${KINDS[incident.kind]} on ${placeText(incident, substationName)}`;

export const pathOf = ({ id }: Pick<IncidentView, 'id'>): string => `/incidents/${id}`;

export const screenOf = ({ feeder, substation }: IncidentView): string =>
  feeder === null ? `/substations/${substation}` : `/feeders/${feeder}`;

const inUnit = (value: number, unit: string): string => `${unit === 'pu' ? pu(value) : kw(value)} ${unit}`;

/** What happened to the load. */
export function jumpText({ jump, feeder: own }: IncidentView): string | null {
  if (jump === null) return null;
  const { beforeKw, peakKw, limitKw, feeder = own } = jump;
  const of = feeder === own || feeder === null ? '' : ` of ${feeder}`;
  const rise = Math.abs(beforeKw) < 1 ? '' : ` (${number((100 * (peakKw - beforeKw)) / Math.abs(beforeKw))} % more)`;
  const share = limitKw === null ? '' : `, ${number((100 * peakKw) / limitKw)} % of its limit`;
  return `Load${of} went from ${kw(beforeKw)} to ${kw(peakKw)} kW${rise}${share}.`;
}

/** Which limit was passed, and whether it is kept again. */
export function limitText(incident: IncidentView): string {
  const { limit } = incident;
  if (limit === null) return 'No limit was passed.';
  const { element, bound, worst, unit } = limit;
  const now = backText(incident, limit);
  return `${named(element)} passed its limit of ${inUnit(bound, unit)}: ${inUnit(worst, unit)} at worst, ${now}.`;
}

function backText(incident: IncidentView, { passedAt, backAt }: IncidentLimit): string {
  const { entries, endedAt } = incident;
  if (backAt === null) {
    if (endedAt !== null) return 'when it was back inside was not seen';
    return isHeard(incident) ? 'past it still' : 'past it when last heard';
  }
  const isSeen = !entries.some(({ code, at }) => UNSEEN.includes(code) && at >= passedAt && at <= backAt);
  return `back inside after ${isSeen ? '' : 'at most '}${shortly(backAt - passedAt)}`;
}

/** After these nobody saw what happened for a while. */
const UNSEEN: readonly string[] = ['gateway.silent', 'cloud.restarted'];

/** What it tells is so now. */
export const isHeard = ({ unheardSince = null }: Pick<IncidentView, 'unheardSince'>): boolean => unheardSince === null;

/** To the second where that matters. */
const shortly = (ms: number): string => (ms < 120_000 ? `${Math.round(ms / 1000)} s` : duration(ms));

const named = (element: string): string =>
  element === 'transformer'
    ? 'The transformer'
    : element.startsWith('feeder-')
      ? `The head of ${words(element)}`
      : element;

/** Who relieved it, and with what. */
export function reliefText(incident: IncidentView): string {
  const { reliefs, limit, endedAt } = incident;
  const known = reliefs.map(({ device, kw: most }) => `${device} (${kw(most)} kW)`);
  const called = expectedOf(incident).filter((device) => !reliefs.some((each) => each.device === device));
  const list = listed([...known, ...called]);
  const relieves = endedAt === null && isHeard(incident) ? 'relieves' : 'relieved';
  if (list !== '') return `The guard ${relieves} it with ${list}.`;
  return limit === null ? 'The guard had nothing to do.' : 'No device relieved it.';
}

/** Devices that the guard has called, before it tells by how much. */
const expectedOf = ({ entries }: IncidentView): string[] => [
  ...new Set(entries.filter(({ code }) => code === 'limit.passed').flatMap(({ parameters }) => devicesOf(parameters))),
];

const devicesOf = ({ devices }: EventParameters): readonly string[] => (Array.isArray(devices) ? devices : []);

export const listed = (names: readonly string[]): string =>
  names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;

export function stateText(
  { endedAt, startedAt, unheardSince = null }: IncidentView,
  { now, zone }: { readonly now: number; readonly zone: string },
): string {
  if (unheardSince !== null)
    return endedAt === null
      ? `not heard since ${near(unheardSince, now, zone)}, went on then`
      : `last heard of at ${near(unheardSince, now, zone)}, its end was not seen`;
  return endedAt === null
    ? `goes on, for ${duration(now - startedAt)} so far`
    : `over, after ${duration(endedAt - startedAt)}`;
}

export function costText({ reliefs }: IncidentView): string {
  if (reliefs.length === 0) return 'nothing';
  const energy = reliefs.reduce((sum, each) => sum + each.energyKwh, 0);
  const priced = reliefs.filter(({ costEur }) => costEur !== null);
  const cost = priced.reduce((sum, each) => sum + each.costEur!, 0);
  const held = `${number(energy, 1)} kWh held back`;
  if (priced.length === 0) return `${held}, at no price by contract`;
  return `${held}, ${euro(cost)} at the contracts’ prices`;
}

const text = (parameters: EventParameters, name: string): string => String(parameters[name] ?? '');
const figure = (parameters: EventParameters, name: string): number => Number(parameters[name]);

const ENTRIES: Readonly<Record<string, (parameters: EventParameters) => string>> = {
  'spike.began': (of) =>
    `The load of ${text(of, 'feeder')} jumps from ${kw(figure(of, 'beforeKw'))} to ${kw(figure(of, 'kw'))} kW.`,
  'spike.ended': (of) => `The jump is over: ${text(of, 'feeder')} takes ${kw(figure(of, 'kw'))} kW.`,
  'spike.absorbed': (of) => `The load stays up at ${kw(figure(of, 'kw'))} kW: it counts as the load from now on.`,
  'limit.passed': (of) =>
    `${named(text(of, 'element'))} is at ${inUnit(figure(of, 'value'), text(of, 'unit'))}, past ${inUnit(figure(of, 'bound'), text(of, 'unit'))}${devicesOf(of).length === 0 ? '' : `: ${listed(devicesOf(of))} is to relieve it`}.`,
  'limit.back': (of) =>
    `${named(text(of, 'element'))} is back inside ${inUnit(figure(of, 'bound'), text(of, 'unit'))}.`,
  'relief.began': (of) => `${text(of, 'device')} is held by ${kw(figure(of, 'kw'))} kW.`,
  'relief.ended': (of) => `${text(of, 'device')} is let go.`,
  'plan.made': (of) => `A new plan is made: ${words(text(of, 'trigger'))}.`,
  'plan.applied': () => 'The new plan is in force.',
  'alarm.raised': (of) => `Alarm ${text(of, 'alarmCode')} is raised.`,
  'alarm.acknowledged': (of) => `Alarm ${text(of, 'alarmCode')} is acknowledged.`,
  'alarm.returned': (of) => `Alarm ${text(of, 'alarmCode')} is gone.`,
  act: (of) => `${words(text(of, 'act'))} for ${text(of, 'target')}: ${text(of, 'reason')}`,
  'gateway.silent': () => 'The gateway is not heard any more: what happens there is not seen.',
  'gateway.heard': () => 'The gateway is heard again.',
  'cloud.restarted': () => 'The cloud was started again: what happened meanwhile was not seen.',
  over: () => 'Nothing of it goes on.',
};

/** What an entry says; a code that this page does not know is shown as it is. */
export const entryText = ({ code, parameters }: IncidentEntry): string => ENTRIES[code]?.(parameters) ?? code;

export const whoText = ({ by }: IncidentEntry): string => (by === null ? '' : by);

/** Incidents that concern a substation, or one feeder of it, newest first. What is of the whole substation is of each feeder. */
export const incidentsOf = (
  all: readonly IncidentView[],
  { substation, feeder }: { readonly substation: string; readonly feeder?: string },
): IncidentView[] =>
  all.filter(
    (each) =>
      each.substation === substation && (feeder === undefined || each.feeder === null || each.feeder === feeder),
  );

/** The incident that an alarm is part of. */
export const incidentOfAlarm = (all: readonly IncidentView[], alarm: number): IncidentView | undefined =>
  all.find(({ entries }) => entries.some(({ parameters }) => parameters['alarm'] === alarm));

/** The incident that a device relieves now. */
export const relievedBy = (all: readonly IncidentView[], gateway: string, device: string): IncidentView | undefined =>
  all.find(
    (incident) =>
      incident.gateway === gateway &&
      incident.endedAt === null &&
      (incident.reliefs.some((each) => each.device === device && each.until === null) ||
        (incident.limit?.backAt === null && expectedOf(incident).includes(device))),
  );
