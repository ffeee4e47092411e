import { sunHeight, type SunPlace } from '../../../shared/grid/clear-sky.ts';
import {
  climateC,
  connectionLoad,
  evLoad,
  heatPumpLoad,
  type ConnectionProfile,
  type EvProfile,
  type StepGrid,
} from './profiles.ts';

/** A change resolved for one target; series on the grid of the base, kW, NaN where unknown. */
export type ActingChange =
  | {
      readonly type: 'ev';
      readonly chargers: number;
      readonly ratedKw: number;
      readonly profile: EvProfile;
      /** Its place in the scenario: the same cars come in a whole and in its part. */
      readonly stream: string;
    }
  | { readonly type: 'pv'; readonly addedKwp: number }
  | { readonly type: 'heatPump'; readonly units: number; readonly designKw: number }
  | { readonly type: 'connection'; readonly kw: number; readonly profile: ConnectionProfile }
  | { readonly type: 'series'; readonly factor: number; readonly load: Float64Array; readonly from: number };

export interface ScenarioInput {
  readonly grid: StepGrid;
  readonly base: Float64Array;
  readonly changes: readonly ActingChange[];
  readonly seed: number;
  readonly zone: string;
  readonly place: SunPlace;
  /** Irradiance of the span, W/m2; NaN where unknown, replaced by the mean share of the clear sky. */
  readonly ghi: Float64Array | null;
  /** Temperature of the span, °C; NaN where unknown, replaced by the climate's. */
  readonly temperature: Float64Array | null;
  readonly deltaK: number;
  readonly importLimitKw: number | null;
  /** Magnitude. */
  readonly exportLimitKw: number | null;
}

export interface ScenarioSummary {
  readonly peakKw: number;
  readonly peakAt: number;
  readonly energyMwh: number;
  readonly hoursAboveLimit: number | null;
  readonly energyAboveLimitMwh: number | null;
  readonly hoursAboveExportLimit: number | null;
  readonly energyAboveExportLimitMwh: number | null;
  /** Peak of the total over the sum of its parts' peaks; 1 if all peak at once, null if none consumes. */
  readonly simultaneity: number | null;
  /** Share of the time, and the load in kW that is exceeded in it. */
  readonly durationCurve: readonly (readonly [share: number, kw: number])[];
}

export interface ScenarioOutput {
  /** Base plus changes, kW. */
  readonly scenario: Float64Array;
  readonly summary: { readonly base: ScenarioSummary; readonly scenario: ScenarioSummary };
  readonly warnings: readonly string[];
}

/** Module and inverter losses; mean share of the clear-sky irradiance. */
const PV_YIELD = 0.86;
const MEAN_SKY = 0.55;
const DURATION_SHARES = [0, 0.001, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1];

/** Adds the changes to the base, step by step. Unknown stays unknown. */
export function runScenario(input: ScenarioInput): ScenarioOutput {
  const { base, changes } = input;
  const parts = changes.map((change) => partOf(change, input));
  const scenario = base.map((value, step) => parts.reduce((sum, part) => sum + part[step]!, value));
  const warnings: string[] = [];
  const { temperature } = input;
  if (changes.some(({ type }) => type === 'heatPump') && (temperature === null || temperature.some(Number.isNaN)))
    warnings.push(
      `temperature: climate normals with seeded variation${hasAny(temperature) ? ' where none was uploaded' : ''}`,
    );
  if (changes.some(({ type }) => type === 'pv') && (input.ghi === null || input.ghi.some(Number.isNaN)))
    warnings.push('irradiance: a mean sky where it is not known');
  // Summarises all over the same steps; otherwise a step that only a change leaves unknown would look like saved energy.
  const known = (series: Float64Array): Float64Array =>
    series.map((value, step) => (Number.isNaN(scenario[step]!) ? Number.NaN : value));
  const compared = known(base);
  const unknown = scenario.reduce((count, value) => count + Number(Number.isNaN(value)), 0);
  if (unknown > 0)
    warnings.push(
      `${unknown} of ${scenario.length} steps are unknown: energy, hours and the duration curve leave them out`,
    );
  return {
    scenario,
    summary: {
      base: summaryOf(compared, [compared], input),
      scenario: summaryOf(scenario, [compared, ...parts.map(known)], input),
    },
    warnings,
  };
}

function partOf(change: ActingChange, input: ScenarioInput): Float64Array {
  const { grid, zone, seed } = input;
  switch (change.type) {
    case 'ev':
      return evLoad(grid, change, { zone, seed, stream: change.stream });
    case 'pv':
      return sunPower(input).map((share) => -change.addedKwp * share);
    case 'heatPump':
      return heatPumpLoad(
        temperatureOf(input).map((value) => value + input.deltaK),
        change.units,
        change.designKw,
      );
    case 'connection':
      return connectionLoad(grid, change.kw, change.profile, zone);
    case 'series':
      return change.load.map((value, step) =>
        grid.start + step * grid.stepS * 1000 >= change.from ? change.factor * value : 0,
      );
  }
}

const hasAny = (series: Float64Array | null): boolean => series?.some((value) => !Number.isNaN(value)) ?? false;

/** Known temperature, °C, with the climate's in the gaps. */
function temperatureOf({ grid, seed, temperature }: ScenarioInput): Float64Array {
  return climateC(grid, seed).map((usual, step) => {
    const known = temperature?.[step] ?? Number.NaN;
    return Number.isNaN(known) ? usual : known;
  });
}

/** Output per kWp, kW. */
function sunPower({ grid, place, ghi }: ScenarioInput): Float64Array {
  return Float64Array.from({ length: grid.count }, (_, step) => {
    const known = ghi?.[step];
    if (known !== undefined && !Number.isNaN(known)) return (PV_YIELD * Math.max(0, known)) / 1000;
    return PV_YIELD * MEAN_SKY * sunHeight(place, grid.start + (step + 0.5) * grid.stepS * 1000);
  });
}

function summaryOf(
  load: Float64Array,
  parts: readonly Float64Array[],
  { grid, importLimitKw, exportLimitKw }: ScenarioInput,
): ScenarioSummary {
  const hours = grid.stepS / 3600;
  const known = load.filter((value) => !Number.isNaN(value));
  const peakOf = (series: Float64Array): number =>
    series.reduce((most, value) => (value > most ? value : most), Number.NEGATIVE_INFINITY);
  const peakKw = peakOf(load);
  const peaksKw = parts.reduce((sum, part) => sum + Math.max(0, peakOf(part)), 0);
  const imports = above(known, importLimitKw, hours);
  const exports = above(
    known.map((value) => -value),
    exportLimitKw,
    hours,
  );
  const falling = known.toSorted().toReversed();
  return {
    peakKw,
    peakAt: grid.start + load.indexOf(peakKw) * grid.stepS * 1000,
    energyMwh: (known.reduce((sum, value) => sum + value, 0) * hours) / 1000,
    hoursAboveLimit: imports.hours,
    energyAboveLimitMwh: imports.energyMwh,
    hoursAboveExportLimit: exports.hours,
    energyAboveExportLimitMwh: exports.energyMwh,
    simultaneity: peaksKw === 0 ? null : peakKw / peaksKw,
    durationCurve: DURATION_SHARES.map((share) => [
      share,
      falling[Math.min(falling.length - 1, Math.floor(share * falling.length))] ?? Number.NaN,
    ]),
  };
}

/** How long and how far power, kW, is above a limit; null: there is none. */
function above(
  power: Float64Array,
  limitKw: number | null,
  stepH: number,
): { readonly hours: number | null; readonly energyMwh: number | null } {
  if (limitKw === null) return { hours: null, energyMwh: null };
  const beyond = power.filter((value) => value > limitKw);
  return {
    hours: beyond.length * stepH,
    energyMwh: (beyond.reduce((sum, value) => sum + value - limitKw, 0) * stepH) / 1000,
  };
}
