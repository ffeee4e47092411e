import type { Network } from '../../../shared/grid/network.ts';
import type { EstimateState } from '../../estimate/state.ts';
import type { Quantiles } from './series.ts';

export interface StandInInputs {
  readonly network: Network;
  readonly estimate: Pick<EstimateState, 'buses'>;
  /** Uncontrolled load at the busbar besides the feeders. */
  readonly busbarKw: number;
  /** The sun's power by feeder, and at the busbar, kW per step, negative. */
  readonly sunKw: ReadonlyMap<string, readonly number[]>;
  readonly steps: number;
}

/** Substitute for a forecast, before present measurements narrow it: its corners are `roomKw` above and below its middle. */
export interface StandIn extends Quantiles {
  readonly roomKw: number;
}

/** Margin within hours, as a share of the transformer's rating; each feeder has its part of it by nominal load. */
const ROOM_SHARE = 0.25;

const roomOf = ({ transformers }: Network): number => ROOM_SHARE * (transformers[0]?.ratedKva ?? 1000);

const around = (mid: readonly number[], roomKw: number): StandIn => ({
  mid,
  low: mid.map((kw) => kw - roomKw),
  high: mid.map((kw) => kw + roomKw),
  roomKw,
});

/** Substitute for a substation's forecast if only its present power is known. */
export const steady = (network: Network, kw: number, steps: number): StandIn =>
  around(
    Array.from({ length: steps }, () => kw),
    roomOf(network),
  );

/** Substitutes for the forecasts of feeders and substation: the uncontrolled load stays as estimated now, and the sun takes its course. */
export function standIns({ network, estimate, busbarKw, sunKw, steps }: StandInInputs): {
  readonly feeder: (id: string) => StandIn;
  readonly whole: () => StandIn;
} {
  const feederOf = new Map(network.buses.map(({ id, feeder }) => [id, feeder]));
  const on = (feeder: string, loads: readonly (readonly [bus: string, kw: number])[]): number =>
    loads.reduce((sum, [bus, kw]) => (feederOf.get(bus) === feeder ? sum + kw : sum), 0);
  const seen = estimate.buses.map(({ id, loadKw }) => [id, loadKw] as const);
  const nominal = network.loads.map(({ bus, activePowerKw }) => [bus, activePowerKw] as const);
  const feeders = network.feeders.map(({ id }) => ({
    id,
    seenKw: on(id, seen),
    nominalKw: on(id, nominal),
    sunKw: sunKw.get(id) ?? [],
  }));
  const nominalKw = feeders.reduce((sum, feeder) => sum + feeder.nominalKw, 0);
  const wholeKw = roomOf(network);
  const within = (loadKw: number, suns: readonly (readonly number[])[], roomKw: number): StandIn =>
    around(
      Array.from({ length: steps }, (_, step) => suns.reduce((sum, kw) => sum + (kw[step] ?? 0), loadKw)),
      roomKw,
    );
  return {
    feeder: (id) => {
      const own = feeders.find((feeder) => feeder.id === id)!;
      const share = nominalKw > 0 ? own.nominalKw / nominalKw : 1;
      return within(own.seenKw, [own.sunKw], share * wholeKw);
    },
    whole: () =>
      within(
        feeders.reduce((sum, { seenKw }) => sum + seenKw, busbarKw),
        [...sunKw.values()],
        wholeKw,
      ),
  };
}
