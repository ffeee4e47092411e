import type { Region } from '../../shared/contracts/region.ts';
import { plantSpecs } from '../region/inputs.ts';
import type { SubstationId } from '../data/names.ts';
import { buildRegion } from '../region/region.ts';
import type { World } from '../sim/region-sim.ts';

export const arms = ['none', 'edge', 'cloud', 'hybrid'] as const;
export type Arm = (typeof arms)[number];

export interface DayEvent {
  /** Hours after the start. */
  readonly atH: number;
  readonly text: string;
  readonly what:
    | { readonly kind: 'spike'; readonly substation: SubstationId; readonly feeder: string; readonly share: number }
    | { readonly kind: 'link'; readonly up: boolean };
}

export const SEED = 1;
/** Local morning of a Saturday; the end is after the cars of the night have left. */
export const START_MS = Date.UTC(2021, 8, 25, 6);
export const HOURS = 27;
export const SPIKE_S = 900;
/** So long after a trip a crew has closed the feeder's head again. */
export const CREW_S = 3600;
const substations: readonly SubstationId[] = ['hal', 'owd'];
/** What the transmission grid grants in the evening is less than both would take; only the cloud knows. */
const REGION_IMPORT_KW = 6600;
const SHARE = 1.3;

/**
 * A Saturday of the record at two substations. By noon the sun lifts feeder 1 of HAL to 1.09 pu; in the evening each feeder stands
 * near its limit, and both substations together above what the region may take. Two spikes that nobody foresaw would trip the
 * relay of a feeder in ten seconds, and at the second one the links to the cloud are down.
 */
export const events: readonly DayEvent[] = [
  { atH: 13, text: 'feeder 1 of HAL takes 130 % more for a quarter of an hour', what: spike('hal') },
  { atH: 13.75, text: 'the links to the cloud fail for an hour', what: { kind: 'link', up: false } },
  { atH: 14.25, text: 'feeder 1 of OWD takes 130 % more for a quarter of an hour', what: spike('owd') },
  { atH: 14.75, text: 'the links are back', what: { kind: 'link', up: true } },
];

function spike(substation: SubstationId): DayEvent['what'] {
  return { kind: 'spike', substation, feeder: `${substation}-1`, share: SHARE };
}

export function dayWorld(): World {
  const whole = buildRegion(substations);
  const region: Region = { ...whole, limits: { ...whole.limits, importKw: REGION_IMPORT_KW } };
  return { specs: plantSpecs(substations), region };
}

/** What the cloud forecasts with models of its own; the region's forecast is made of them. */
export const learned = ({ substations: all }: Region): string[] =>
  all.flatMap(({ id, network }) => [`substation:${id}`, ...network.feeders.map((feeder) => `feeder:${feeder.id}`)]);
