import { threeDigits } from './digits.ts';

/** How a figure was obtained. */
export type How = 'measured' | 'inferred';

/** Cost of one unit. */
export interface UnitCost {
  readonly value: number;
  readonly unit: string;
  readonly how: How;
  /** The measurement, or the figures it is inferred from. */
  readonly from: string;
}

export interface UnitCosts {
  readonly framesPerS: UnitCost;
  readonly pointsPerS: UnitCost;
  readonly ingestCpuMsPer1000Points: UnitCost;
  readonly connectionKb: UnitCost;
  readonly planCpuS: UnitCost;
  readonly plansPer5Min: UnitCost;
  readonly planWorkerMb: UnitCost;
  readonly estimateCpuMs: UnitCost;
  readonly forecastCpuMs: UnitCost;
  readonly rawBytesPerPoint: UnitCost;
  /** Bytes per gateway and day by kind of data, without raw points. */
  readonly stateBytesPerDay: UnitCost & { readonly byKind: Readonly<Record<string, number>> };
}

/** Periods of the recurring work, seconds. */
export interface Periods {
  readonly estimateS: number;
  readonly forecastS: number;
}

/** Gateways of one region with one owner and its standby; more need another region. A chosen figure: a cell of this size was never run. */
export const CELL_GATEWAYS = 10_000;
const DAYS = 365;
const DAY_S = 86_400;

export interface Sheet {
  readonly gateways: number;
  readonly cells: number;
  readonly framesPerS: number;
  readonly pointsPerS: number;
  /** Cores busy full time with these kinds of work alone. Buy more: no machine runs full. */
  readonly cores: Readonly<Record<'ingest' | 'estimates' | 'forecasts' | 'plans' | 'ofThese', number>>;
  readonly ramGb: Readonly<Record<'connections' | 'planWorkers' | 'ofThese', number>>;
  /** Per year without retention. */
  readonly diskTbPerYear: Readonly<Record<'rawPoints' | 'state' | 'ofThese', number>>;
}

/** Costs of a fleet that the sheet leaves out. */
export const NOT_IN_SHEET = [
  'training of models',
  'requests of planners',
  'page and API',
  'base memory of the processes, and their state of each gateway beyond its connection',
  'a standby cloud',
  'RabbitMQ, PostgreSQL and InfluxDB',
  'copies of data',
  'headroom for peaks',
] as const;

/** Cost of a fleet of this size: the unit costs of a few gateways, multiplied. */
export function sheetOf(units: UnitCosts, periods: Periods, gateways: number): Sheet {
  const value = (name: keyof UnitCosts): number => units[name].value;
  const pointsPerS = gateways * value('pointsPerS');
  const cores = {
    ingest: (pointsPerS / 1000) * (value('ingestCpuMsPer1000Points') / 1000),
    estimates: (gateways * value('estimateCpuMs')) / 1000 / periods.estimateS,
    forecasts: (gateways * value('forecastCpuMs')) / 1000 / periods.forecastS,
    plans: (gateways * value('planCpuS') * value('plansPer5Min')) / 300,
  };
  const ram = {
    connections: (gateways * value('connectionKb')) / 1e6,
    planWorkers: (Math.ceil(cores.plans) * value('planWorkerMb')) / 1000,
  };
  const disk = {
    rawPoints: (pointsPerS * DAY_S * DAYS * value('rawBytesPerPoint')) / 1e12,
    state: (gateways * DAYS * value('stateBytesPerDay')) / 1e12,
  };
  return {
    gateways,
    cells: Math.ceil(gateways / CELL_GATEWAYS),
    framesPerS: threeDigits(gateways * value('framesPerS')),
    pointsPerS: threeDigits(pointsPerS),
    cores: summed(cores),
    ramGb: summed(ram),
    diskTbPerYear: summed(disk),
  };
}

function summed<Name extends string>(parts: Readonly<Record<Name, number>>): Record<Name | 'ofThese', number> {
  const ofThese = Object.values<number>(parts).reduce((sum, each) => sum + each, 0);
  const rounded = Object.entries<number>({ ...parts, ofThese }).map(([name, each]) => [name, threeDigits(each)]);
  return Object.fromEntries(rounded) as Record<Name | 'ofThese', number>;
}
