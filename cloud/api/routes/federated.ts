import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Type, type Static } from 'typebox';
import { LoadstoneError } from '../../../shared/outcome/outcome.ts';
import { counts, isMeasuring, type Part } from '../../forecast/registry/federated/round.ts';
import { callerOf, warrantOf } from '../access.ts';
import { mayAct, mayRead } from '../../access/caller.ts';
import type { ApiDeps } from '../deps.ts';

const Gateway = Type.Object({
  gateway: Type.String(),
  state: Type.Union([Type.Literal('asked'), Type.Literal('offers'), Type.Literal('counts'), Type.Literal('left-out')]),
  code: Type.Union([Type.String(), Type.Null()], {
    description: 'why it is left out; LS-FED-004: it does not take part',
  }),
});

const FederatedShape = Type.Object(
  {
    enabled: Type.Boolean(),
    campaign: Type.Union([
      Type.Object({
        id: Type.String(),
        reason: Type.String(),
        round: Type.Integer(),
        rounds: Type.Integer(),
        measuring: Type.Boolean({ description: 'all rounds are done; the gateways measure the result' }),
        deadline: Type.String({ format: 'date-time' }),
        gateways: Type.Array(Gateway),
      }),
      Type.Null(),
    ]),
  },
  {
    title: 'FederatedLearning',
    examples: [
      {
        enabled: true,
        campaign: {
          id: 'federated-20210925t0300',
          reason: 'after the new station',
          round: 2,
          rounds: 10,
          measuring: false,
          deadline: '2021-09-25T05:00:00.000Z',
          gateways: [{ gateway: 'owd-01', state: 'counts', code: null }],
        },
      },
    ],
  },
);
type FederatedShape = Static<typeof FederatedShape>;

const Wish = Type.Object(
  { reason: Type.String({ minLength: 3, maxLength: 200, pattern: '\\S', examples: ['after the new station'] }) },
  { additionalProperties: false, title: 'FederatedStart', examples: [{ reason: 'after the new station' }] },
);
type Wish = Static<typeof Wish>;

/** Rounds of federated learning: their state, and a person's request for extra ones. */
export function federatedRoutes(app: FastifyInstance, deps: ApiDeps): void {
  const tags = ['models'];
  const shown = async (request: FastifyRequest): Promise<FederatedShape> => {
    const enabled = deps.federated;
    const campaign = await deps.owner.federated.campaign();
    if (campaign === undefined) return { enabled, campaign: null };
    const { id, reason, round, rounds, deadline, parts } = campaign;
    const measuring = isMeasuring(campaign);
    const gateways = deps.region.substations
      .filter(({ id: substation }) => mayRead(deps.region, callerOf(request), `substation:${substation}`))
      .flatMap(({ gateway }) => {
        const part = parts[gateway];
        return part === undefined ? [] : [{ gateway, state: stateOf(part, measuring), code: part.fault?.code ?? null }];
      });
    return {
      enabled,
      campaign: {
        id,
        reason,
        round: Math.min(round, rounds),
        rounds,
        measuring,
        deadline: new Date(deadline).toISOString(),
        gateways,
      },
    };
  };

  app.get(
    '/v1/federated',
    {
      config: { right: 'planner:read', checksTargets: true },
      schema: {
        tags,
        operationId: 'getFederated',
        summary: 'Get the state of federated learning, with the gateways that the caller may read',
        response: { 200: FederatedShape },
      },
    },
    async (request) => shown(request),
  );

  app.post<{ Body: Wish }>(
    '/v1/federated',
    {
      config: { right: 'models:write', checksTargets: true },
      schema: {
        tags,
        operationId: 'startFederated',
        summary: 'Start rounds of federated learning now; rounds under way continue',
        body: Wish,
        response: { 200: FederatedShape },
      },
    },
    async (request) => {
      const { reason } = request.body;
      const caller = callerOf(request);
      request.act = { on: 'federated', to: 'begun', why: reason };
      if (!mayAct(deps.region, caller, `region:${deps.region.id}`, 'models:write'))
        throw new LoadstoneError('LS-API-003', `${caller.name} may not act on the whole region`);
      if (!deps.federated)
        throw new LoadstoneError(
          'LS-FED-009',
          'federated learning is off: set models.federated.enabled in the configuration of the cloud',
        );
      await deps.owner.federated.begin(warrantOf(request, `region:${deps.region.id}`), `${reason} (${caller.name})`);
      return shown(request);
    },
  );
}

function stateOf(part: Part, measuring: boolean): Static<typeof Gateway>['state'] {
  if (part.fault !== undefined) return 'left-out';
  if (counts(part, measuring)) return 'counts';
  return part.report === undefined ? 'asked' : 'offers';
}
