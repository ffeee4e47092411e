import { Type, type Static } from 'typebox';
import { checker } from '../../../shared/contracts/validate.ts';
import { CalendarDate } from '../../../shared/contracts/ids.ts';
import type { Network } from '../../../shared/grid/network.ts';
import { bad, good, type Outcome } from '../../../shared/outcome/outcome.ts';
import type { DispatchDevice, DispatchProblem, LoadProfile } from './problem.ts';

const Numbers = Type.Array(Type.Number());
const Magnitudes = Type.Array(Type.Number({ minimum: 0 }));
const Share = Type.Number({ minimum: 0, maximum: 1 });
const BusNumbers = Type.Array(Type.Union([Type.Integer(), Type.String()]));

/**
 * A multi-period AC-OPF problem as stated in a file: powers in MW, Mvar and MVA, generation positive, state of charge as a share. The rest
 * of the file (an objective, a solution) is ignored.
 */
export const StatedProblem = Type.Object({
  T: Type.Integer({ minimum: 1, maximum: 400 }),
  dt_h: Type.Number({ exclusiveMinimum: 0 }),
  vmin: Type.Number(),
  vmax: Type.Number(),
  slack_v: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
  pv_bus: BusNumbers,
  pv_cap_MW: Magnitudes,
  /** Date of each plant's connection agreement: the newest is cut first, before any older one. */
  pv_connected_on: Type.Optional(Type.Array(CalendarDate)),
  bat_bus: BusNumbers,
  bat_pmax_MW: Magnitudes,
  bat_energy_MWh: Magnitudes,
  eta_charge: Type.Number({ exclusiveMinimum: 0, maximum: 1 }),
  eta_discharge: Type.Number({ exclusiveMinimum: 0, maximum: 1 }),
  soc0: Share,
  soc_min: Share,
  soc_max: Share,
  soc_final_min: Share,
  wear_eur_per_MWh: Type.Number(),
  export_factor: Type.Number(),
  price_eur_per_MWh: Numbers,
  load_factor: Numbers,
  pv_factor: Magnitudes,
  branch_from: BusNumbers,
  branch_to: BusNumbers,
  rateA_MVA: Magnitudes,
  /** Capacity tariff on the highest mean import of each month: price, the running month's peak so far, and the length of a billed mean. */
  month_peak_eur_per_MW: Type.Optional(Type.Number({ minimum: 0 })),
  peak_so_far_MW: Type.Optional(Type.Number({ minimum: 0 })),
  peak_interval_h: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
  /** First step of each later month, counted from 0: its peak starts from 0. */
  later_month_steps: Type.Optional(Type.Array(Type.Integer({ minimum: 0 }))),
});
export type StatedProblem = Static<typeof StatedProblem>;

export const checkStatedProblem = checker(StatedProblem, 'LS-OPT-005');

/** Reactive capability, as shares of what the problem gives: Q of PV over its capacity, of a battery over its power. */
const PV_Q_SHARE = 0.44;
const BATTERY_Q_SHARE = 0.5;

/** Poses the stated problem on its network. LS-OPT-005 names the field whose length, order or bus does not fit. */
export function poseProblem(stated: StatedProblem, network: Network): Outcome<DispatchProblem> {
  const stepS = Math.round(stated.dt_h * 3600);
  if (stepS < 1)
    return bad('LS-OPT-005', `dt_h is ${stated.dt_h} h, less than a second; use 1 for steps of an hour`, '/dt_h');
  const lengths: readonly (readonly [keyof StatedProblem, number])[] = [
    ['price_eur_per_MWh', stated.T],
    ['load_factor', stated.T],
    ['pv_factor', stated.T],
    ['pv_cap_MW', stated.pv_bus.length],
    ...(stated.pv_connected_on === undefined ? [] : [['pv_connected_on', stated.pv_bus.length] as const]),
    ['bat_pmax_MW', stated.bat_bus.length],
    ['bat_energy_MWh', stated.bat_bus.length],
    ['branch_to', stated.branch_from.length],
    ['rateA_MVA', stated.branch_from.length],
  ];
  for (const [field, length] of lengths) {
    const found = (stated[field] as readonly unknown[]).length;
    if (found !== length) return bad('LS-OPT-005', `${field} has ${found} values; it must have ${length}`, `/${field}`);
  }
  for (const [least, most] of [
    ['vmin', 'vmax'],
    ['soc_min', 'soc_max'],
  ] as const)
    if (stated[least] > stated[most])
      return bad('LS-OPT-005', `${least} ${stated[least]} is above ${most} ${stated[most]}`, `/${least}`);
  const known = new Set(network.buses.map((bus) => bus.id));
  for (const field of ['pv_bus', 'bat_bus'] as const)
    for (const [index, bus] of stated[field].entries())
      if (!known.has(String(bus)))
        return bad('LS-OPT-005', `${field} names bus ${bus}, which is not in the network`, `/${field}/${index}`);
  const rated = withRatings(stated, network);
  if (!rated.ok) return rated;
  const sources = new Set(network.sources.map((source) => source.bus));
  return good({
    id: 'stated',
    network: {
      ...rated.value,
      buses: network.buses.map((bus) =>
        sources.has(bus.id) ? bus : { ...bus, vMinPu: stated.vmin, vMaxPu: stated.vmax },
      ),
    },
    horizon: { start: 0, stepsS: Array.from({ length: stated.T }, () => stepS) },
    sourceVoltagePu: stated.slack_v ?? network.sources[0]?.voltagePu ?? 1,
    loads: { mid: loadsOf(stated, network) },
    devices: devicesOf(stated),
    limits: {
      voltageMarginPu: 0,
      importKw: Array.from({ length: stated.T }, () => Infinity),
      exportKw: Array.from({ length: stated.T }, () => Infinity),
    },
    prices: {
      importEurPerMwh: stated.price_eur_per_MWh,
      exportEurPerMwh: stated.price_eur_per_MWh.map((price) => price * stated.export_factor),
      lossesEurPerMwh: 0,
      peakEurPerKw: 0,
      ...(stated.month_peak_eur_per_MW === undefined
        ? {}
        : {
            capacity: {
              eurPerKw: stated.month_peak_eur_per_MW / 1000,
              intervalS: Math.round((stated.peak_interval_h ?? 0.25) * 3600),
              peakSoFarKw: (stated.peak_so_far_MW ?? 0) * 1000,
              laterMonths: stated.later_month_steps ?? [],
            },
          }),
    },
  });
}

/** Ratings are matched by bus pairs, in the order of the branches in service; parallel branches take them in turn. */
function withRatings(stated: StatedProblem, network: Network): Outcome<Network> {
  const key = (from: string, to: string): string => (from < to ? `${from} ${to}` : `${to} ${from}`);
  const waiting = new Map<string, number[]>();
  for (const [index, mva] of stated.rateA_MVA.entries()) {
    const pair = key(String(stated.branch_from[index]), String(stated.branch_to[index]));
    waiting.set(pair, [...(waiting.get(pair) ?? []), mva * 1000]);
  }
  const rate = <Item extends { from: string; to: string; closed?: boolean }>(branch: Item): Item => {
    const kva = branch.closed === false ? undefined : waiting.get(key(branch.from, branch.to))?.shift();
    return kva === undefined || kva === 0 ? branch : { ...branch, ratedKva: kva };
  };
  const rated = { ...network, lines: network.lines.map(rate), transformers: network.transformers.map(rate) };
  for (const [pair, left] of waiting)
    if (left.length > 0)
      return bad('LS-OPT-005', `the network has no branch in service between buses ${pair}`, '/branch_from');
  return good(rated);
}

function loadsOf(stated: StatedProblem, network: Network): LoadProfile {
  const buses = network.buses.length;
  const index = new Map(network.buses.map((bus, at) => [bus.id, at]));
  const activePowerKw = new Float64Array(stated.T * buses);
  const reactivePowerKvar = new Float64Array(stated.T * buses);
  for (let step = 0; step < stated.T; step++)
    for (const load of network.loads) {
      const at = step * buses + index.get(load.bus)!;
      activePowerKw[at]! += load.activePowerKw * stated.load_factor[step]!;
      reactivePowerKvar[at]! += load.reactivePowerKvar * stated.load_factor[step]!;
    }
  return { activePowerKw, reactivePowerKvar };
}

function devicesOf(stated: StatedProblem): DispatchDevice[] {
  const pv = stated.pv_bus.map((bus, index): DispatchDevice => {
    const capKw = stated.pv_cap_MW[index]! * 1000;
    return {
      kind: 'pv',
      id: `pv-${index + 1}`,
      bus: String(bus),
      connectedOn: stated.pv_connected_on?.[index],
      availableKw: stated.pv_factor.map((factor) => capKw * factor),
      maxReactiveKvar: PV_Q_SHARE * capKw,
      curtailmentEurPerKwh: 0,
    };
  });
  const batteries = stated.bat_bus.map((bus, index): DispatchDevice => ({
    kind: 'storage',
    id: `battery-${index + 1}`,
    bus: String(bus),
    chargeKw: stated.bat_pmax_MW[index]! * 1000,
    dischargeKw: stated.bat_pmax_MW[index]! * 1000,
    capacityKwh: stated.bat_energy_MWh[index]! * 1000,
    efficiencyCharge: stated.eta_charge,
    efficiencyDischarge: stated.eta_discharge,
    socStart: stated.soc0,
    socMin: stated.soc_min,
    socMax: stated.soc_max,
    socEndMin: stated.soc_final_min,
    wearEurPerKwh: stated.wear_eur_per_MWh / 1000,
    maxReactiveKvar: BATTERY_Q_SHARE * stated.bat_pmax_MW[index]! * 1000,
  }));
  return [...pv, ...batteries];
}
