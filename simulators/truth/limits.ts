import type { RegionDevice } from '../../shared/contracts/region.ts';
import type { PlantTruth } from '../plant/truth.ts';
import type { Plant } from '../plant/plant.ts';
import type { Moment } from './moment.ts';

/** A limit that is passed in truth. */
export interface Passed {
  /** As the gateway names it: transformer, feeder-1, battery-2. */
  readonly element: string;
  /** What the one alarm of it is about: an element, or the voltage of a feeder's devices. */
  readonly about: string;
  readonly quantity: 'kW' | 'A' | 'kVA' | 'pu';
  readonly value: number;
  readonly limit: number;
  /** `high`: too much import, or too high a voltage where it is one. */
  readonly side: 'high' | 'low';
}

type Place = Pick<Moment, 'substation'>;

/** What the meters of a limit do not show, in its unit. */
export const unseen = ({ quantity, limit }: Passed): number => (quantity === 'pu' ? 0.004 : 0.03 * Math.abs(limit));

/** A meter's error of a power is about a fiftieth of what the guard watches, that of a voltage a third of a tenth of its band. */
const ERROR = { pu: 0.3, others: 0.02 };

/** What passes the limits of the site by more than `errors` times the error of its meter; below zero: what comes so close. */
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
 * What the limit of an element would show half a minute on if each device behind it gave all that it can: a fork of the plant in which
 * it does. Answers whether the element is then well inside, and no other device's voltage is driven out of its band for it.
 */
export function couldBeRelieved(moment: Moment, limit: Passed): boolean {
  const { plant, substation } = moment;
  const before = new Set(passedLimits({ substation }, plant.truth()).map((each) => each.element));
  const after = passedLimits({ substation }, relieved(moment, limit), -0.5);
  return !after.some((each) => each.element === limit.element || !before.has(each.element));
}

/** By how much the value would be better in half a minute if each device behind it gave all that it can, whatever else that passes. */
export function reliefLeft(moment: Moment, limit: Passed): number {
  const fork = asItIs(moment.plant);
  for (let second = 0; second < RELIEF_S; second++) fork.step(1);
  const [as, relief] = [fork.truth(), relieved(moment, limit)].map((truth) => valueIn(moment, truth, limit));
  return (limit.side === 'high' ? 1 : -1) * (as! - relief!);
}

/** A fork in which a spike does not end by itself meanwhile: that is no relief. */
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

/** The plant half a minute on, each device behind an element that answers giving all that it can. */
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
  // A high voltage and too much feed-in want more load, a low voltage and too much import less.
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
