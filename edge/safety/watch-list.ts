import type { PlanBody, PowerRange, WatchedLimit } from '../../shared/contracts/plan.ts';
import { DEAD_PU, finite, type ElementImage, type Image } from '../control/image.ts';
import { TRANSFORMER, type DeviceSpec, type ElementSpec } from '../control/model.ts';
import { elementId } from '../control/plan-follower.ts';
import type { WatchedValue } from './guard-types.ts';

interface Site {
  readonly elements: readonly ElementSpec[];
  readonly specs: readonly DeviceSpec[];
  readonly image: Image;
  /** The plan whose sensitivities are used; null if none is held, or it is for another topology. */
  readonly map: PlanBody | null;
  /** The plan is followed. A plan that has ended, was refused or was let go still maps the network, with the network's own limits. */
  readonly inForce: boolean;
  /** What the transformer may carry by its hot spot instead of its rating; null: the rating applies. */
  readonly thermalKva: number | null;
}

/** Sensitivities per kW or kvar above this are ignored. */
const MOST_REACH = 1e6;
/** A map whose largest sensitivity is below this does not show which devices are behind the element. */
const LEAST_SHOWN = 0.3;
/** A device that passes less than this share of its power through the element is elsewhere. */
const ELSEWHERE = 0.05;
/** A part of this share of the whole, or less, adds at most about 1 % to it. */
const LEAST_PART = 0.15;
/** Without a map: a terminal's voltage falls by this much, pu, when its own device consumes its full rating more. */
const OWN_DROP_PU = 0.02;

type Quantity = WatchedValue['quantity'];

/**
 * The values that the guard watches, in the order in which their limits win: terminals (a device that trips on its voltage relieves
 * nothing), transformer, feeder heads. Limits set on site are never widened. They are narrowed by the network limits of the newest
 * plan and by the contract limits of the plan in force. The map provides the sensitivities.
 */
export function watchList(site: Site): WatchedValue[] {
  const ordered = site.elements.toSorted((a, b) => Number(b.id === TRANSFORMER) - Number(a.id === TRANSFORMER));
  const values = [...terminals(site), ...ordered.flatMap((element) => elementValues(element, site))];
  return values.filter(({ min, max }) => Number.isFinite(min) || Number.isFinite(max));
}

function terminals(site: Site): WatchedValue[] {
  const values: WatchedValue[] = [];
  for (const spec of site.specs) {
    const band = spec.voltageBand;
    const device = site.image.devices.get(spec.id);
    if (band === null || device?.fresh !== true || !finite(device.voltagePu)) continue;
    // A dead voltage is not a low voltage; no lever can raise it.
    if (device.voltagePu < DEAD_PU) continue;
    const planned = plannedFor(site, spec.id, 'voltagePu');
    const drop = -OWN_DROP_PU / Math.max(1, spec.rating.maxKw, -spec.rating.minKw);
    const perKw = mapOf(planned?.perKw) ?? new Map([[spec.id, drop]]);
    const perKvar = mapOf(planned?.perKvar) ?? new Map(spec.maxReactiveKvar > 0 ? [[spec.id, drop]] : []);
    values.push(
      narrowedBy(site, planned, {
        id: `${spec.id}-voltage`,
        element: spec.id,
        quantity: 'voltagePu',
        min: band[0],
        max: band[1],
        value: device.voltagePu,
        ageS: device.heardS,
        perKw,
        perKvar,
        mapped: planned !== undefined,
      }),
    );
  }
  return values;
}

/**
 * Contractual limits on the transformer's active power that are narrower than those set on site: the grid limit and the fail-safe,
 * which only the cloud lifts, and the limit that the plan counts on. None of them protects equipment.
 */
export function gridList(site: Site, range: PowerRange | null): WatchedValue[] {
  const transformer = site.elements.find(({ id }) => id === TRANSFORMER);
  const image = site.image.elements.get(TRANSFORMER);
  if (transformer === undefined) return [];
  const limits = range === null ? [] : [power(transformer, { site, image, range, id: 'grid-limit' })];
  const own = power(transformer, { site, image, range: transformer.range, id: `${TRANSFORMER}-power` });
  const planned =
    transformer.raised === true ? own : narrowedBy(site, plannedFor(site, TRANSFORMER, 'activePowerKw'), own);
  if (planned.min > own.min || planned.max < own.max) limits.push({ ...planned, id: 'planned-import' });
  return limits;
}

function elementValues(element: ElementSpec, site: Site): WatchedValue[] {
  const image = site.image.elements.get(element.id);
  const values = [power(element, { site, image, range: element.range, id: `${element.id}-power` })];
  const [p, q] = [seen(image, 'activePowerKw'), seen(image, 'reactivePowerKvar') ?? 0];
  const kva = p === null ? null : Math.hypot(p, q);
  const flow = p === null ? ([0, 0] as const) : ([p, q] as const);
  if (element.ratedKva !== null) {
    const max = element.ratedKva;
    const rated = derived(element, site, { quantity: 'apparentPowerKva', max, value: kva, flow });
    // A plan knows the rating, not the temperature, so against the hot spot only a planned limit below the rating applies.
    const warm = element.id === TRANSFORMER && site.thermalKva !== null && rated.max >= max;
    values.push(warm ? { ...rated, min: -site.thermalKva, max: site.thermalKva } : rated);
  }
  if (element.currentA !== null) {
    const amps = seen(image, 'currentA');
    values.push(derived(element, site, { quantity: 'currentA', max: element.currentA, value: amps, flow }));
  }
  const voltage = plannedFor(site, element.id, 'voltagePu');
  const pu = seen(image, 'voltagePu');
  if (element.voltageBand !== null && voltage !== undefined && (pu === null || pu >= DEAD_PU)) {
    values.push(
      narrowedBy(site, voltage, {
        id: `${element.id}-voltage`,
        element: element.id,
        quantity: 'voltagePu',
        min: element.voltageBand[0],
        max: element.voltageBand[1],
        value: pu,
        ...ageOf(image),
        perKw: mapOf(voltage.perKw) ?? new Map(),
        perKvar: mapOf(voltage.perKvar) ?? new Map(),
        mapped: true,
      }),
    );
  }
  return values;
}

function power(
  element: ElementSpec,
  { site, image, range, id }: { site: Site; image: ElementImage | undefined; range: PowerRange; id: string },
): WatchedValue {
  const planned = plannedFor(site, element.id, 'activePowerKw');
  const value: WatchedValue = {
    id,
    element: element.id,
    quantity: 'activePowerKw',
    min: range.minKw,
    max: range.maxKw,
    value: seen(image, 'activePowerKw'),
    ...ageOf(image),
    perKw: answers(site, planned?.perKw, new Map(behind(element, site).map((each) => [each, 1]))),
    perKvar: mapOf(planned?.perKvar) ?? new Map(),
    mapped: planned !== undefined,
    spares: element.ratedKva !== null || element.currentA !== null,
  };
  return element.id === TRANSFORMER || element.raised === true ? value : narrowedBy(site, planned, value);
}

/**
 * Apparent power or current. Its sensitivities follow the present flow: the plan's hold for a flow that may have had the other
 * direction. Its lower limit is the one of the opposite flow, which the value meets beyond zero.
 */
function derived(
  element: ElementSpec,
  site: Site,
  more: { quantity: Quantity; max: number; value: number | null; flow: readonly [kw: number, kvar: number] },
): WatchedValue {
  const planned = plannedFor(site, element.id, more.quantity);
  const passes = planned === undefined ? undefined : passing(planned);
  const [slope, slopeQ] = more.flow.map((part) => slopeOf(part, { ...more, kva: Math.hypot(...more.flow) }));
  const scaled = (devices: Readonly<Record<string, number>> | undefined, by: number) =>
    passes &&
    Object.fromEntries(
      Object.keys(devices ?? {}).flatMap((each) => (passes.has(each) ? [[each, by * passes.get(each)!]] : [])),
    );
  const own = (by: number): Map<string, number> => new Map(behind(element, site).map((each) => [each, by]));
  return narrowedBy(site, planned && { ...planned, min: -planned.max }, {
    id: `${element.id}-${more.quantity === 'currentA' ? 'current' : 'kva'}`,
    element: element.id,
    quantity: more.quantity,
    min: -more.max,
    max: more.max,
    value: more.value,
    ...ageOf(site.image.elements.get(element.id)),
    perKw: answers(site, scaled(planned?.perKw, slope!), own(slope!)),
    perKvar: answers(site, scaled(planned?.perKvar, slopeQ!), own(slopeQ!)),
    mapped: planned !== undefined,
  });
}

/**
 * Change of a value per kW or kvar of its flow. It is at least so steep that relief ends at zero, since beyond zero the value rises
 * again; a small part has none.
 */
function slopeOf(part: number, { value, max, kva }: { value: number | null; max: number; kva: number }): number {
  const size = Math.abs(part);
  if (value === null || size <= LEAST_PART * kva) return 0;
  return Math.sign(part) * Math.max((value * size) / kva ** 2, (value - max) / size);
}

/**
 * Share of each device's power that passes the element: the map's sensitivities without the flow that they hold for. Undefined: that
 * flow had too little active power to show it.
 */
function passing({ perKw }: WatchedLimit): Map<string, number> | undefined {
  const known = [...mapOf(perKw)!];
  const most = known.reduce((far, [, each]) => (Math.abs(each) > Math.abs(far) ? each : far), 0);
  if (Math.abs(most) < LEAST_SHOWN) return undefined;
  return new Map(known.map(([device, each]) => [device, each / most] as const).filter(([, each]) => each > ELSEWHERE));
}

const seen = (image: ElementImage | undefined, key: 'activePowerKw' | 'reactivePowerKvar' | 'currentA' | 'voltagePu') =>
  image?.fresh === true && finite(image[key]) ? image[key] : null;

/** Age of the meter's last value. */
const ageOf = (image: ElementImage | undefined) => ({ ageS: image?.heardS });

const behind = (element: ElementSpec, { specs }: Site): string[] =>
  specs
    .filter(({ lever, feeder }) => lever !== 'none' && (element.id === TRANSFORMER || feeder === element.id))
    .map(({ id }) => id);

function plannedFor({ map }: Site, element: string, quantity: Quantity): WatchedLimit | undefined {
  if (map === null) return undefined;
  return map.watched.find((each) => each.quantity === quantity && elementId(each.element, map.substation) === element);
}

const mapOf = (record: Readonly<Record<string, number>> | undefined): Map<string, number> | undefined =>
  record === undefined
    ? undefined
    : new Map(Object.entries(record).filter(([, value]) => Math.abs(value) <= MOST_REACH));

/**
 * The plan's sensitivities, or `own` without a plan. A device that was silent when the plan was made is in none of them, so its own
 * value is used: it may be back while the next plan is hours away.
 */
function answers(
  { map }: Site,
  planned: Readonly<Record<string, number>> | undefined,
  own: Map<string, number>,
): Map<string, number> {
  const answer = mapOf(planned);
  if (answer === undefined) return own;
  const known = map?.assumptions.devices ?? [];
  for (const [device, per] of own) if (!known.includes(device)) answer.set(device, per);
  return answer;
}

/**
 * Narrows a limit set on site by the plan's; a plan never widens one. Its limits on apparent power, current and voltage belong to
 * the network: they stay after the plan ends, otherwise losing the cloud would widen them. Active power is contractual and applies
 * only while the plan is in force.
 */
function narrowedBy({ inForce }: Site, planned: WatchedLimit | undefined, value: WatchedValue): WatchedValue {
  if (planned === undefined || (!inForce && planned.quantity === 'activePowerKw')) return value;
  const min = Number.isFinite(planned.min) ? Math.max(value.min, planned.min) : value.min;
  const max = Number.isFinite(planned.max) ? Math.min(value.max, planned.max) : value.max;
  return min <= max ? { ...value, min, max } : value;
}
