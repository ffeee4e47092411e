import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { Type, type Static } from 'typebox';
import { LoadstoneError } from '../../../shared/outcome/outcome.ts';
import { ExportBody, type ExportTask } from '../../planner/export/contract.ts';
import { isSum, membersOf } from '../../planner/inputs/sum-target.ts';
import { callerOf } from '../access.ts';
import { fileAnswer } from '../answers/document-files.ts';
import { MEDIA_TYPES, zoneFor } from '../answers/formats.ts';
import { parseDuration, parseTime, resolutionSeconds } from '../conventions.ts';
import type { ApiDeps } from '../deps.ts';
import { originEveryMs } from '../exports/feature-rows.ts';
import { availableAt } from '../forecasts/available-at.ts';
import { chosenQuantiles } from '../forecasts/shown-steps.ts';
import { QUANTILES } from '../../../shared/forecast/quantiles.ts';
import { expandSeries, mayReadSeries } from '../targets.ts';
import { acceptJob, sendAccepted } from './jobs.ts';

const Params = Type.Object({ id: Type.String({ maxLength: 80, examples: ['exp_01k2f5'] }) });
const MAX_SPAN_MS = 5 * 366 * 86_400_000;
const SCORED_SPAN_MS = 92 * 86_400_000;

/** Bulk files: a job writes one, and its link is valid for 24 h, for the caller who requested it and may still read its content. */
export function exportRoutes(app: FastifyInstance, deps: ApiDeps): void {
  const config = { checksTargets: true };
  app.post<{ Body: ExportBody }>(
    '/v1/exports',
    {
      config: { ...config, right: 'planner:write' },
      schema: {
        tags: ['exports'],
        operationId: 'startExport',
        summary: 'Write a bulk file of forecasts, measurements, scorecards or a training set',
        body: ExportBody,
        response: { 202: Type.Ref('Job') },
      },
    },
    async (request, reply) => {
      const { body } = request;
      const caller = callerOf(request);
      const targets = expandSeries(body.target, { region: deps.region, caller, pointer: '/body/target' });
      assertPossible(body, targets);
      const task: ExportTask = { owner: caller.name, body, targets, askedAt: deps.clock.plant.now() };
      return sendAccepted(reply, await acceptJob(request, reply, { deps, kind: 'export', task }));
    },
  );
  app.get<{ Params: Static<typeof Params> }>(
    '/v1/exports/:id',
    {
      config: { ...config, right: 'planner:read' },
      schema: {
        tags: ['exports'],
        summary: 'Get the file of an export, which stays available for 24 h',
        params: Params,
        operationId: 'getExportFile',
        response: { 200: fileAnswer('the file', [MEDIA_TYPES.parquet, MEDIA_TYPES.csv]) },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const caller = callerOf(request);
      const file = await deps.exports.get(id, deps.clock.machine.now());
      const mine =
        file !== undefined &&
        (file.owner === caller.name || (caller.name === 'guest' && file.owner === 'owner')) &&
        file.targets.every((target) => mayReadSeries(deps.region, caller, target));
      const first = mine ? await deps.exports.part(id, 0, deps.clock.machine.now()) : undefined;
      if (file === undefined || first === undefined)
        throw new LoadstoneError(
          'LS-API-004',
          `there is no export "${id}" of the caller, or it expired after 24 h`,
          '/params/id',
        );
      return reply
        .type(MEDIA_TYPES[file.format])
        .headers({
          'content-disposition': `attachment; filename="${id}.${file.format}"`,
          'cache-control': 'private, no-store',
          expires: new Date(file.expiresAt).toUTCString(),
        })
        .send(Readable.from(partsOf(deps, id, first)));
    },
  );
}

/** Sends a file in parts; if it expires meanwhile, the connection breaks, so that nobody takes it for complete. */
async function* partsOf({ exports, clock }: ApiDeps, id: string, first: Uint8Array): AsyncGenerator<Uint8Array> {
  let from = 0;
  for (let part: Uint8Array | undefined = first; part.length > 0;) {
    yield part;
    from += part.length;
    part = await exports.part(id, from, clock.machine.now());
    if (part === undefined) throw new Error(`the export ${id} expired while it was read`);
  }
}

/** Reports at once what would fail in the job. */
function assertPossible(body: ExportBody, targets: readonly string[]): void {
  const start = parseTime(body.start, '/body/start');
  const end = parseTime(body.end, '/body/end');
  if (start < 0 || end - start < 3_600_000)
    throw new LoadstoneError('LS-API-007', 'end must be at least one hour after start', '/body/end');
  if (end - start > (body.kind === 'scorecards' ? SCORED_SPAN_MS : MAX_SPAN_MS))
    throw new LoadstoneError(
      'LS-API-006',
      body.kind === 'scorecards' ? 'a scorecard spans at most 92 days' : 'an export spans at most five years',
      '/body/end',
    );
  const stepMs = resolutionSeconds(body.resolution ?? 'PT15M') * 1000;
  if (body.kind !== 'scorecards' && Math.floor(end / stepMs) <= Math.ceil(start / stepMs))
    throw new LoadstoneError('LS-API-007', `the span contains no whole step of ${body.resolution}`, '/body/end');
  if (targets.length === 0)
    throw new LoadstoneError('LS-API-007', 'there is no such target that the caller may read', '/body/target');
  if (body.asOf !== undefined) parseTime(body.asOf, '/body/asOf');
  if (body.leadTime !== undefined && body.availableAt !== undefined)
    throw new LoadstoneError('LS-API-007', 'use leadTime or availableAt, not both', '/body/availableAt');
  if (body.leadTime !== undefined && !/^PT?0[HMS]$/.test(body.leadTime)) parseDuration(body.leadTime, '/body/leadTime');
  if (body.availableAt !== undefined) availableAt(body.availableAt, '/body/availableAt');
  if (body.kind === 'features') assertFeatures(body);
  if (isOfModels(body) && targets.some(isSum))
    throw new LoadstoneError('LS-API-007', 'models learn single targets: a sum has no training set', '/body/target');
  chosenQuantiles(QUANTILES, body.quantiles, '/body/quantiles');
  zoneFor(body.timezone, '/body/timezone');
  const parts = targets.flatMap((target) => membersOf(target) ?? [target]);
  const devices = parts.some((target) => target.startsWith('device:'));
  if (devices && (body.kind !== 'measurements' || body.load === 'uncontrolled'))
    throw new LoadstoneError('LS-API-007', 'devices have only net measurements', '/body/target');
}

const isOfModels = ({ kind }: ExportBody): boolean => kind === 'training' || kind === 'features';

/** The features are in kW at steps of 15 min; other options would change them. */
function assertFeatures({ unit, resolution, role, weather, originEvery }: ExportBody): void {
  if (unit === 'MW') throw new LoadstoneError('LS-API-007', 'features are only in kW', '/body/unit');
  if (resolution !== undefined && resolution !== 'PT15M')
    throw new LoadstoneError('LS-API-007', 'features have steps of 15 min', '/body/resolution');
  if (role === 'gateway' && weather === 'vintage')
    throw new LoadstoneError('LS-API-007', 'the features of a gateway model hold no weather', '/body/weather');
  originEveryMs(originEvery);
}
