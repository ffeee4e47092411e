import { orNull } from '../../../shared/forecast/series.ts';
import { LoadstoneError } from '../../../shared/outcome/outcome.ts';
import type { ExportTask } from '../../planner/export/contract.ts';
import type { ExportPart } from '../../planner/export/export-job.ts';
import { type Cell, tableOf, type Table } from '../../tables/table.ts';
import { formatTime, inUnit, parseTime, resolutionSeconds } from '../conventions.ts';
import {
  MEASURED_COLUMNS,
  measuredRows,
  measuredSeries,
  presentMeasured,
  receiptsOf,
} from '../forecasts/measured-rows.ts';
import { scorecardsOf } from '../forecasts/level-rows.ts';
import { scorecardTable } from '../forecasts/scorecard-rows.ts';
import { asOfOf, type ExportSources, type Slice } from './export-sources.ts';
import { featureTable } from './feature-rows.ts';
import { learned } from './learned-load.ts';
import { chosenOf, vintageRows, vintageTable } from '../forecasts/vintage-rows.ts';

const DAY_MS = 86_400_000;
/** Days of one target per part: with all vintages, a step has two hundred rows instead of one. */
const DAYS = { newest: 14, all: 1 };

/** Yields the tables of an export, target by target, oldest first. */
export async function* exportTables(sources: ExportSources, task: ExportTask): AsyncIterable<ExportPart> {
  try {
    yield* tablesOf(sources, task);
  } catch (error) {
    throw ofBody(error);
  }
}

/** The rows are those of routes with a query, whose errors point into it; an export has the same names in its body. */
function ofBody(error: unknown): unknown {
  if (!(error instanceof LoadstoneError)) return error;
  const { code, message, pointer } = error;
  return new LoadstoneError(code, message, pointer?.replace(/^\/querystring\//, '/body/'));
}

async function* tablesOf(sources: ExportSources, task: ExportTask): AsyncIterable<ExportPart> {
  const { body, targets } = task;
  const stepMs = resolutionSeconds(body.resolution ?? 'PT15M') * 1000;
  const start = Math.ceil(parseTime(body.start, '/body/start') / stepMs) * stepMs;
  const end = Math.floor(parseTime(body.end, '/body/end') / stepMs) * stepMs;
  if (body.kind === 'scorecards') {
    yield { table: scorecardTable(await scorecardsOf(body, targets, sources)), done: 1 };
    return;
  }
  const days = DAYS[body.vintages ?? 'newest'];
  const count = Math.ceil((end - start) / (days * DAY_MS));
  for (const [at, target] of targets.entries())
    for (let index = 0; index < count; index++) {
      const from = start + index * days * DAY_MS;
      const slice = { target, start: from, end: Math.min(end, from + days * DAY_MS) };
      yield { table: await tableOfSlice(sources, task, slice), done: (at + (index + 1) / count) / targets.length };
    }
}

function tableOfSlice(sources: ExportSources, task: ExportTask, slice: Slice): Promise<Table> {
  switch (task.body.kind) {
    case 'forecasts':
      return forecasts(sources, task, slice);
    case 'measurements':
      return measurements(sources, task, slice);
    case 'features':
      return featureTable(sources, task, slice);
    default:
      return training(sources, task, slice);
  }
}

async function forecasts(sources: ExportSources, { body, askedAt }: ExportTask, slice: Slice): Promise<Table> {
  const { resolution, leadTime, availableAt, vintages, quantiles, unit } = body;
  const query = {
    start: formatTime(slice.start),
    end: formatTime(slice.end),
    quantiles: quantiles ?? '0.05,0.1,0.25,0.5,0.75,0.9,0.95',
    ...(resolution === undefined ? {} : { resolution }),
    ...(leadTime === undefined ? {} : { leadTime }),
    ...(availableAt === undefined ? {} : { availableAt }),
    ...(vintages === undefined ? {} : { vintages }),
    ...(unit === undefined ? {} : { unit }),
  };
  const issuedBefore = Math.min(askedAt, asOfOf(body) ?? askedAt);
  const chosen = await chosenOf(query, [slice.target], { deps: sources, issuedBefore });
  return vintageTable(await vintageRows(chosen, query, sources), query);
}

async function measurements(sources: ExportSources, { body }: ExportTask, slice: Slice): Promise<Table> {
  const { load = 'net', unit = 'kW', resolution = 'PT15M' } = body;
  const resolutionS = resolutionSeconds(resolution);
  const range = { ...slice, resolutionS, asOf: asOfOf(body) };
  const series = await measuredSeries(sources.measured, range, load);
  const receipts = await receiptsOf(sources.measured, range);
  const item = presentMeasured(slice.target, series, { start: slice.start, receipts, load, resolution, unit });
  return tableOf(MEASURED_COLUMNS, measuredRows(item, resolutionS));
}

/** The load as models learn from it; null where it is missing or excluded, with the reason. */
async function training(sources: ExportSources, { body }: ExportTask, slice: Slice): Promise<Table> {
  const { unit = 'kW', resolution = 'PT15M' } = body;
  const resolutionS = resolutionSeconds(resolution);
  const { values, reason, weather } = await learned(sources, { ...slice, resolutionS }, asOfOf(body));
  const rows = Array.from(values, (value, step): Record<string, Cell> => ({
    target: slice.target,
    start: slice.start + step * resolutionS * 1000,
    load: Number.isNaN(value) ? null : inUnit(value, unit),
    excluded: reason(step),
    ghiWm2: orNull(weather?.ghi[step]),
    windMs: orNull(weather?.wind[step]),
    isHindcast: weather?.hindcast ?? null,
  }));
  return tableOf(
    [
      ['target', 'text'],
      ['start', 'time'],
      ['load', 'number'],
      ['excluded', 'text'],
      ['ghiWm2', 'number'],
      ['windMs', 'number'],
      ['isHindcast', 'flag'],
    ],
    rows,
  );
}
