import type { RegionDevice } from '../../shared/contracts/region.ts';
import type { PlantTruth } from '../plant/truth.ts';
import type { Plant } from '../plant/plant.ts';
import type { Moment } from './moment.ts';

/** A limit that is really exceeded. */
export interface Passed {
  /** The gateway's name for it: transformer, feeder-1, battery-2. */
  readonly element: string;
  /** Subject of its alarm: an element, or the voltage of a feeder's devices. */
  readonly about: string;
  readonly quantity: 'kW' | 'A' | 'kVA' | 'pu';
  readonly value: number;
  readonly limit: number;
  /** `high`: too much import, or too high a voltage. */
  readonly side: 'high' | 'low';
}

type Place = Pick<Moment, 'substation'>;

/** Error that the meters of a limit do not reveal, in its unit. */
export const unseen = ({ quantity, limit }: Passed): number => (quantity === 'pu' ? 0.004 : 0.03 * Math.abs(limit));

/** Meter errors: for power about a fiftieth of the limit, for voltage three tenths of a tenth of the band. */
const ERROR = { pu: 0.3, others: 0.02 };

/**
 * Limits of the site that are exceeded by more than `errors` times the error of their meter. A negative value also gives limits that are
 * that close.
 */
export function passedLimits({ substation }: Place, truth: PlantTruth, errors = 0): Passed[] {
  const { limits, heads = [], network } = substation;
  const passed: Passed[] = [];
  const ranged = (
    { element, quantity, feeder = element }: Pick<Passed, 'element' | 'quantity'> & { readonly feeder?: string },
    value: number,
    [min, max]: readonly [number, number],
  ): void => {
    const by = (bound: number): number =>
      errors * (quantity === 'pu' ? (ERROR.pu * (max - min)) / 10 : ERROR.others * Math.abs(bound));
    const add = (side: Passed['side'], limit: number): void => {
      const about = quantity === 'pu' ? `unmet-voltage:${feeder}` : element;
      passed.push({ element, about, quantity, value, limit, side });
    };
    if (value > max + by(max)) add('high', max);
    if (value < min - by(min)) add('low', min);
  };
  const { transformer } = truth;
  ranged({ element: 'transformer', quantity: 'kW' }, transformer.activePowerKw, [-limits.exportKw, limits.importKw]);
  for (const head of truth.feeders) {
    const element = head.id.replace(`${substation.id}-`, 'feeder-');
    const own = heads.find(({ feeder }) => feeder === head.id);
    if (own !== undefined) ranged({ element, quantity: 'kW' }, head.activePowerKw, [-own.exportKw, own.importKw]);
    const line = network.lines.find(
      ({ id }) => id === network.feeders.find((feeder) => feeder.id === head.id)?.headBranch,
    );
    const kva = Math.hypot(head.activePowerKw, head.reactivePowerKvar);
    if (line?.ratedKva !== undefined) ranged({ element, quantity: 'kVA' }, kva, [-line.ratedKva, line.ratedKva]);
  }
  for (const { id, voltagePu } of truth.devices) {
    const device = substation.devices.find((each) => each.id === id);
    if (voltagePu <= 0 || device === undefined || !isCommanded(device)) continue;
    const feeder = device.feeder.replace(`${substation.id}-`, 'feeder-');
    ranged({ element: id, quantity: 'pu', feeder }, voltagePu, [limits.vMinPu, limits.vMaxPu]);
  }
  return passed;
}

const isCommanded = ({ type }: RegionDevice): boolean => !['meter', 'tap-changer', 'capacitor-bank'].includes(type);

const RELIEF_S = 30;

/**
 * Whether an element could be brought well inside its limit within half a minute, if every device behind it gave its maximum, without
 * driving another device's voltage out of its band. Uses a fork of the plant.
 */
export function couldBeRelieved(moment: Moment, limit: Passed): boolean {
  const { plant, substation } = moment;
  const before = new Set(passedLimits({ substation }, plant.truth()).map((each) => each.element));
  const after = passedLimits({ substation }, relieved(moment, limit), -0.5);
  return !after.some((each) => each.element === limit.element || !before.has(each.element));
}

/** How much the value would improve in half a minute if every device behind the element gave its maximum, regardless of other limits. */
export function reliefLeft(moment: Moment, limit: Passed): number {
  const fork = asItIs(moment.plant);
  for (let second = 0; second < RELIEF_S; second++) fork.step(1);
  const [as, relief] = [fork.truth(), relieved(moment, limit)].map((truth) => valueIn(moment, truth, limit));
  return (limit.side === 'high' ? 1 : -1) * (as! - relief!);
}

/** A fork in which no spike ends by itself during the look-ahead, because that would be no relief. */
function asItIs(plant: Plant): Plant {
  const fork = plant.fork();
  const state = fork.snapshot();
  const untilMs = state.timeMs + 2000 * RELIEF_S;
  fork.restore({
    ...state,
    spikes: state.spikes.map((spike) => ({ ...spike, untilMs: Math.max(spike.untilMs, untilMs) })),
  });
  return fork;
}

/** The plant half a minute later, with every responsive device behind an element at its maximum relief. */
function relieved({ plant, substation, injected }: Moment, { element, side, quantity }: Passed): PlantTruth {
  const fork = asItIs(plant);
  const feeder = feederOf(substation, element);
  for (let second = 0; second < RELIEF_S; second++) {
    for (const device of substation.devices)
      if ((feeder === undefined || device.feeder === feeder) && !injected.silent.includes(device.id))
        relieve(fork, device, { side, reactive: quantity === 'pu' });
    fork.step(1);
  }
  return fork.truth();
}

function valueIn({ substation }: Place, truth: PlantTruth, { element, quantity }: Passed): number {
  if (quantity === 'pu') return truth.devices.find(({ id }) => id === element)!.voltagePu;
  const head =
    element === 'transformer'
      ? truth.transformer
      : truth.feeders.find(({ id }) => id === element.replace('feeder-', `${substation.id}-`))!;
  return quantity === 'kW' ? head.activePowerKw : Math.hypot(head.activePowerKw, head.reactivePowerKvar);
}

/** The feeder of a device or a head; undefined for the transformer. */
function feederOf({ id, devices }: Moment['substation'], element: string): string | undefined {
  if (element === 'transformer') return undefined;
  return devices.find((each) => each.id === element)?.feeder ?? element.replace('feeder-', `${id}-`);
}

function relieve(
  fork: Plant,
  device: RegionDevice,
  { side, reactive }: { readonly side: Passed['side']; readonly reactive: boolean },
): void {
  // High voltage and too much feed-in require more load; low voltage and too much import require less.
  const moreLoad = reactive ? side === 'high' : side === 'low';
  const kvar = (device.maxReactiveKvar ?? 0) * (moreLoad ? 1 : -1);
  const command: Record<string, number> = {};
  if (device.type === 'battery') command['activePowerKw'] = moreLoad ? device.chargeKw! : -device.dischargeKw!;
  if (device.type === 'pv-inverter' && moreLoad) command['activePowerLimitKw'] = 0;
  if ((device.type === 'ev-site' || device.type === 'flexible-load') && !moreLoad)
    command['activePowerLimitKw'] = device.floorKw ?? 0;
  if (reactive && kvar !== 0) command['reactivePowerKvar'] = kvar;
  if (Object.keys(command).length > 0) fork.command(device.id, command);
}
