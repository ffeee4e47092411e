import { ownTapChanger } from '../../../shared/contracts/own-tap-changer.ts';
import type { RegionDevice, RegionSubstation } from '../../../shared/contracts/region.ts';
import type { CapacitorDevice, MoveBudget, TapDevice } from './problem.ts';
import type { DeviceSource } from './ports.ts';
import type { DispatchTariff } from './prices.ts';
import { stepTimes } from './series.ts';

const DAY_MS = 86_400_000;

/** By device type: the metric of its position, and the most moves a day if the region's file states none. */
export const stepped = {
  'tap-changer': { metric: 'tapPosition', movesPerDay: 15 },
  'capacitor-bank': { metric: 'capacitorStep', movesPerDay: 8 },
} as const;

/** Moves of each tap changer and capacitor bank of a substation since the day (UTC) began; undefined if unknown. */
export async function movesToday(
  { devices, gateway }: RegionSubstation,
  source: DeviceSource,
  now: number,
): Promise<ReadonlyMap<string, number | undefined>> {
  const since = now - (now % DAY_MS);
  const moves = new Map<string, number | undefined>();
  for (const { id, type } of devices)
    if (type === 'tap-changer' || type === 'capacitor-bank')
      moves.set(id, await source.moves(gateway, id, stepped[type].metric, since));
  return moves;
}

export interface SteppedInputs {
  readonly substation: RegionSubstation;
  readonly tariff: DispatchTariff;
  readonly now: number;
  readonly start: number;
  readonly stepsS: readonly number[];
  readonly sourcePu: number;
  readonly tapPosition: number;
  readonly movesToday: ReadonlyMap<string, number | undefined>;
}

/** The rest of today's moves, and those of each later day. Unknown moves leave none for today. */
function budgetsOf(inputs: SteppedInputs, device: RegionDevice, type: keyof typeof stepped): MoveBudget[] {
  const perDay = device.movesPerDay ?? stepped[type].movesPerDay;
  const made = inputs.movesToday.get(device.id) ?? perDay;
  const today = Math.floor(inputs.now / DAY_MS);
  const days = Map.groupBy(stepTimes(inputs.start, inputs.stepsS).entries(), ([, time]) =>
    Math.max(today, Math.floor(time / DAY_MS)),
  );
  return [...days].map(([day, steps]) => ({
    fromStep: steps[0]![0],
    toStep: steps.at(-1)![0],
    moves: Math.max(0, day === today ? perDay - made : perDay),
  }));
}

/** Orders positions by the voltage that they produce. Only the substation's own tap changer moves the voltage of the source. */
export function tapDevice(inputs: SteppedInputs, device: RegionDevice): TapDevice | undefined {
  const [transformer] = inputs.substation.network.transformers;
  const step = (transformer?.tapStepPct ?? 0) / 100;
  if (transformer?.to !== device.bus || ownTapChanger(inputs.substation)?.id !== device.id || step === 0)
    return undefined;
  const { tapMin = 0, tapMax = 0, ratedKva } = transformer;
  const positions = Array.from({ length: tapMax - tapMin + 1 }, (_, at) => (step > 0 ? tapMax - at : tapMin + at));
  const now = Math.min(tapMax, Math.max(tapMin, Math.round(inputs.tapPosition)));
  return {
    kind: 'tap',
    id: device.id,
    bus: device.bus,
    levels: positions.map((position) => inputs.sourcePu / (1 + position * step)),
    start: positions.indexOf(now),
    moveEur: inputs.tariff.tapMoveEur,
    budgets: budgetsOf(inputs, device, 'tap-changer'),
    bandPu: device.bandPu ?? 0,
    dropPuPerMw: (device.dropPu ?? 0) / (ratedKva / 1000),
  };
}

/** `step`: the steps that are switched in now, as read; if undefined, the bank cannot be planned. */
export function capacitorDevice(
  inputs: SteppedInputs,
  device: RegionDevice,
  step: number | undefined,
): CapacitorDevice | undefined {
  const { stepKvar, steps = 1 } = device;
  if (step === undefined || stepKvar === undefined) return undefined;
  return {
    kind: 'capacitor',
    id: device.id,
    bus: device.bus,
    levels: Array.from({ length: steps + 1 }, (_, at) => at * stepKvar),
    start: Math.min(steps, Math.max(0, Math.round(step))),
    moveEur: inputs.tariff.capacitorMoveEur,
    budgets: budgetsOf(inputs, device, 'capacitor-bank'),
  };
}
