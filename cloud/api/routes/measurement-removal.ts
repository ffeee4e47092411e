import type { FastifyInstance } from 'fastify';
import { Type, type Static } from 'typebox';
import { LoadstoneError } from '../../../shared/outcome/outcome.ts';
import { mayAct } from '../../access/caller.ts';
import { callerOf, warrantOf } from '../access.ts';
import { parseTime } from '../conventions.ts';
import type { ApiDeps } from '../deps.ts';
import { assertWritable, regionTargets } from '../targets.ts';

const Query = Type.Object({
  target: Type.String({ maxLength: 200, examples: ['substation:owd'] }),
  start: Type.String({ maxLength: 40, examples: ['2011-01-01T00:00:00Z'] }),
  end: Type.String({ maxLength: 40, examples: ['2012-01-01T00:00:00Z'] }),
});

const example = { target: 'substation:owd', deleted: 35_040 };
const Answer = Type.Object(
  {
    target: Type.String(),
    deleted: Type.Integer({ description: 'values, including the earlier ones that they had corrected' }),
  },
  { title: 'MeasurementRemoval', examples: [example] },
);

/** Removes uploaded measurements. Gateways' measurements only expire by age. */
export function measurementRemovalRoute(app: FastifyInstance, deps: ApiDeps): void {
  app.delete<{ Querystring: Static<typeof Query> }>(
    '/v1/measurements',
    {
      config: { right: 'planner:write', checksTargets: true },
      schema: {
        tags: ['measurements'],
        operationId: 'deleteUploadedMeasurements',
        summary: 'Delete uploaded measurements, for every asOf; what gateways measured stays',
        querystring: Query,
        response: { 200: Answer },
      },
    },
    async (request) => {
      const { target } = request.query;
      const start = parseTime(request.query.start, '/querystring/start');
      const end = parseTime(request.query.end, '/querystring/end');
      request.act = { on: target, from: { start: request.query.start, end: request.query.end } };
      const caller = callerOf(request);
      // Uploads of a target that left the region still count towards the budget.
      const isGone =
        caller.targets === '*' &&
        !regionTargets(deps.region).has(target) &&
        mayAct(deps.region, caller, target, 'planner:write');
      if (!isGone) assertWritable(deps.region, caller, target, '/querystring/target');
      if (end <= start) throw new LoadstoneError('LS-API-007', 'end must be after start', '/querystring/end');
      const deleted = await deps.owner.uploads.forget(warrantOf(request, target), { target, start, end });
      request.act = { ...request.act, to: { deleted } };
      // Nothing was stored for this target: it is more likely a typo.
      if (isGone && deleted === 0) assertWritable(deps.region, caller, target, '/querystring/target');
      return { target, deleted };
    },
  );
}
