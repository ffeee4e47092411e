import type { WeatherSource } from '../../forecast/serve/inputs.ts';
import type { ExportTask } from '../../planner/export/contract.ts';
import { parseTime } from '../conventions.ts';
import type { Measured } from '../../planner/inputs/measured.ts';
import type { ScorecardDeps } from '../forecasts/scorecard-rows.ts';

export interface ExportSources extends ScorecardDeps {
  readonly measured: Pick<Measured, 'intervals' | 'receipts' | 'uncontrolled'>;
  readonly weather: WeatherSource | undefined;
}

/** A span of one target, [start, end) in ms UTC. */
export interface Slice {
  readonly target: string;
  readonly start: number;
  readonly end: number;
}

export const asOfOf = ({ asOf }: ExportTask['body']): number | undefined =>
  asOf === undefined ? undefined : parseTime(asOf, '/body/asOf');
