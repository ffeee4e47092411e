import type { Forecast } from '../../../shared/contracts/forecast.ts';
import type { PlanBody } from '../../../shared/contracts/plan.ts';
import type { MeterPoint, Region, RegionDevice, RegionSubstation } from '../../../shared/contracts/region.ts';
import type { TrendSeries, TrendView } from '../../../shared/contracts/trend.ts';
import { indexOfLevel } from '../../../shared/forecast/quantiles.ts';
import { onTimes } from '../../../shared/time/on-times.ts';

type Context = Pick<TrendSeries, 'limits' | 'planned' | 'forecast'>;
type Column = (number | null)[];

export interface ContextSources {
  readonly region: Region;
  readonly plan: (substation: string) => PlanBody | undefined;
  readonly forecast: (target: string) => Forecast | undefined;
}

/** Longest step at which a plan is still shown, s. */
const LONGEST_S = 3600;
const LEVELS = { low: 0.1, mid: 0.5, high: 0.9 } as const;

/** Adds to each measured value its limits, and what the plan in force and the newest forecast expect, on the steps of the trend. */
export function trendContext(trend: TrendView, { region, plan, forecast }: ContextSources): TrendView {
  return {
    ...trend,
    items: trend.items.map((item) => {
      const [gateway, device = '', metric = ''] = item.series.split('/');
      const substation = region.substations.find((each) => each.gateway === gateway);
      if (substation === undefined) return item;
      const limits = limitsOf(substation, device, metric);
      const own = metric === 'activePowerKw' && trend.stepS <= LONGEST_S ? plan(substation.id) : undefined;
      const times = item.mean.map((_, at) => trend.start + (at + 0.5) * trend.stepS * 1000);
      return {
        ...item,
        ...(limits === undefined ? {} : { limits }),
        ...(own === undefined ? {} : expectedOf({ substation, device, plan: own, times, forecast })),
      };
    }),
  };
}

/** Returns the limits of the network, its branches or the device itself, in the unit of the metric. */
function limitsOf(substation: RegionSubstation, device: string, metric: string): Context['limits'] {
  const meter = substation.meters.find((each) => each.device === device);
  const own = substation.devices.find(({ id }) => id === device);
  switch (metric) {
    case 'activePowerKw':
      return ratingOf(own) ?? (meter === undefined ? undefined : powerLimitsOf(substation, meter));
    case 'reactivePowerKvar':
      return own?.maxReactiveKvar === undefined ? undefined : { low: -own.maxReactiveKvar, high: own.maxReactiveKvar };
    case 'voltagePu':
      return voltageLimitsOf(substation, own?.bus ?? meter?.element);
    case 'currentA':
      return currentLimitOf(substation, meter);
    case 'socPct':
      return own?.socMinPct === undefined && own?.socMaxPct === undefined
        ? undefined
        : { low: own.socMinPct ?? null, high: own.socMaxPct ?? null };
    default:
      return undefined;
  }
}

function powerLimitsOf({ limits, heads }: RegionSubstation, { kind, feeder }: MeterPoint): Context['limits'] {
  if (kind === 'transformer') return { low: -limits.exportKw, high: limits.importKw };
  const head = kind === 'feeder-head' ? heads?.find((each) => each.feeder === feeder) : undefined;
  return head === undefined ? undefined : { low: -head.exportKw, high: head.importKw };
}

/** Returns the most that a device can take and feed in. */
function ratingOf(device: RegionDevice | undefined): Context['limits'] {
  const { type, chargeKw, dischargeKw, activePowerKw } = device ?? {};
  if (chargeKw !== undefined) return { low: -(dischargeKw ?? 0), high: chargeKw };
  if (activePowerKw === undefined) return undefined;
  return type === 'pv-inverter' ? { low: -activePowerKw, high: null } : { low: null, high: activePowerKw };
}

/** A bus may have its own limits. */
function voltageLimitsOf({ limits, network }: RegionSubstation, bus: string | undefined): Context['limits'] {
  const own = network.buses.find(({ id }) => id === bus);
  return { low: own?.vMinPu ?? limits.vMinPu, high: own?.vMaxPu ?? limits.vMaxPu };
}

/**
 * Returns the thermal rating of the branch that a meter measures, as a current at nominal voltage; a transformer is metered on its to side.
 */
function currentLimitOf({ network }: RegionSubstation, meter: MeterPoint | undefined): Context['limits'] {
  const line = network.lines.find(({ id }) => id === meter?.element);
  const branch = line ?? network.transformers.find(({ id }) => id === meter?.element);
  const nominalKv = network.buses.find(({ id }) => id === branch?.to)?.nominalKv;
  if (branch?.ratedKva === undefined || nominalKv === undefined) return undefined;
  return { low: null, high: Number((branch.ratedKva / (Math.sqrt(3) * nominalKv)).toFixed(1)) };
}

/**
 * Returns the planned power of a device; for a feeder head or transformer, the power that the plan expects and the forecast including the
 * plan's devices.
 */
function expectedOf({
  substation,
  device,
  plan,
  times,
  forecast,
}: {
  readonly substation: RegionSubstation;
  readonly device: string;
  readonly plan: PlanBody;
  readonly times: readonly number[];
  readonly forecast: ContextSources['forecast'];
}): Pick<Context, 'planned' | 'forecast'> {
  const { horizon } = plan;
  const meter = substation.meters.find((each) => each.device === device);
  const element =
    meter?.kind === 'transformer' ? 'transformer' : meter?.kind === 'feeder-head' ? meter.feeder : undefined;
  if (element === undefined) {
    const plannedKw = plan.devices.find((each) => each.device === device)?.activePowerKw;
    return named({ planned: plannedKw === undefined ? undefined : onTimes(horizon, times, plannedKw) });
  }
  const expected = plan.expected.find((each) => each.element === element);
  if (expected === undefined) return {};
  const planned = onTimes(horizon, times, expected.activePowerKw);
  const target = element === 'transformer' ? `substation:${substation.id}` : `feeder:${element}`;
  const newest = expected.devicesKw === undefined ? undefined : forecast(target);
  if (newest === undefined) return named({ planned });
  const devicesKw = onTimes(horizon, times, expected.devicesKw!);
  const at = (level: number): Column => {
    const row = newest.values[indexOfLevel(newest.quantiles, level)] ?? [];
    return times.map((time, step) => {
      const kw = row[Math.floor((time - newest.start) / (1000 * newest.resolutionS))];
      const more = devicesKw[step] ?? null;
      return kw === undefined || more === null ? null : Number((kw + more).toFixed(1));
    });
  };
  return named({ planned, forecast: { low: at(LEVELS.low), mid: at(LEVELS.mid), high: at(LEVELS.high) } });
}

/** Leaves out columns without a value in the span. */
function named({
  planned,
  forecast,
}: {
  readonly planned: Column | undefined;
  readonly forecast?: Record<keyof typeof LEVELS, Column>;
}): Pick<Context, 'planned' | 'forecast'> {
  const isKnown = (column: Column | undefined): boolean => column?.some((value) => value !== null) === true;
  return {
    ...(planned !== undefined && isKnown(planned) ? { planned } : {}),
    ...(forecast !== undefined && isKnown(forecast.mid) ? { forecast } : {}),
  };
}
