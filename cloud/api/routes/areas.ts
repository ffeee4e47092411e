import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Type, type Static } from 'typebox';
import { AreaLossView, AreaView, OperatorView } from '../../../shared/contracts/areas.ts';
import { rightsOf } from '../../access/roles.ts';
import { personOf } from '../../access/caller.ts';
import { callerOf, warrantOf } from '../access.ts';
import type { ApiDeps } from '../deps.ts';
import { Why } from './desk.ts';
import { pageOf } from '../answers/cursor.ts';

const closed = { additionalProperties: false } as const;
const Targets = Type.Array(Type.String({ maxLength: 160 }), {
  minItems: 1,
  maxItems: 5_000,
  uniqueItems: true,
  description: 'feeder:owd-1, substation:owd with its feeders, region:north with everything',
});
const Take = Type.Object(
  {
    areas: Targets,
    freeOnly: Type.Optional(
      Type.Boolean({ description: 'take only areas that nobody holds or that are offered to the caller' }),
    ),
    reason: Type.Optional(Why),
  },
  { ...closed, title: 'TakeAreas' },
);
type Take = Static<typeof Take>;
const HandOver = Type.Object(
  { areas: Targets, to: Type.String({ minLength: 1, maxLength: 63 }), reason: Why },
  { ...closed, title: 'HandOverAreas' },
);
type HandOver = Static<typeof HandOver>;
const LetGo = Type.Object({ areas: Targets, reason: Why }, { ...closed, title: 'ReleaseAreas' });
type LetGo = Static<typeof LetGo>;
const LossParams = Type.Object({ id: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }) });
type LossParams = Static<typeof LossParams>;

const MOST_WRITTEN = 20;

/** Areas of responsibility: who holds which, and how they change hands. */
export function areaRoutes(app: FastifyInstance, { people, owner: { areas } }: ApiDeps): void {
  const tags = ['desk'];
  const listed = (items: readonly AreaView[]) => ({ items, nextCursor: null });
  /** Opens the audit entry and returns the user; a token acts in its owner's name. */
  const opened = async (request: FastifyRequest<{ Body: { areas: string[]; reason?: string } }>): Promise<string> => {
    const { areas: targets, reason, ...to } = request.body;
    const asked = (await areas.all()).filter(({ target, substation }) => within(targets, target, substation));
    const holders = [...new Set(asked.map(({ holder }) => holder ?? 'nobody'))];
    request.act = { on: written(targets), from: { holders }, to, why: reason };
    return personOf(callerOf(request).name);
  };

  app.get(
    '/v1/areas',
    {
      config: { right: 'planner:read' },
      schema: {
        tags,
        operationId: 'listAreas',
        summary: 'List areas of responsibility and their holders',
        response: { 200: pageOf(AreaView) },
      },
    },
    async () => listed(await areas.all()),
  );

  app.get(
    '/v1/areas/operators',
    {
      config: { right: 'operate' },
      schema: {
        tags,
        operationId: 'listOperators',
        summary: 'List operators to whom areas can be handed over',
        response: { 200: pageOf(OperatorView) },
      },
    },
    async () => {
      const present = people.signedIn();
      const operators = people
        .users()
        .filter(({ roles, disabled, mustChange }) => !disabled && !mustChange && rightsOf(roles).includes('operate'));
      const items: OperatorView[] = operators.map(({ name, areas: where }) => ({
        name,
        signedIn: present.includes(name),
        areas: where,
      }));
      return { items, nextCursor: null };
    },
  );

  app.post<{ Body: Take }>(
    '/v1/areas/take',
    {
      config: { right: 'operate' },
      schema: {
        tags,
        operationId: 'takeAreas',
        summary: 'Take areas: free or offered ones at once, those of another holder only with a reason',
        body: Take,
        response: { 200: pageOf(AreaView) },
      },
    },
    async (request) => {
      const user = await opened(request);
      const { areas: targets, freeOnly, reason } = request.body;
      return listed(await areas.take(warrantOf(request), user, { targets, reason, freeOnly: freeOnly === true }));
    },
  );

  app.post<{ Body: HandOver }>(
    '/v1/areas/hand-over',
    {
      config: { right: 'operate' },
      schema: {
        tags,
        operationId: 'handOverAreas',
        summary: 'Offer areas to another operator; you hold them until they are taken',
        body: HandOver,
        response: { 200: pageOf(AreaView) },
      },
    },
    async (request) => {
      const user = await opened(request);
      const { areas: targets, to, reason } = request.body;
      return listed(await areas.handOver(warrantOf(request), user, { targets, to, reason }));
    },
  );

  app.post<{ Body: LetGo }>(
    '/v1/areas/decline',
    {
      config: { right: 'operate' },
      schema: {
        tags,
        operationId: 'declineAreas',
        summary: 'Decline areas offered to you; their holder keeps them and is notified',
        body: LetGo,
        response: { 200: pageOf(AreaView) },
      },
    },
    async (request) => {
      const user = await opened(request);
      return listed(
        await areas.decline(warrantOf(request), user, { targets: request.body.areas, reason: request.body.reason }),
      );
    },
  );

  app.post<{ Body: LetGo }>(
    '/v1/areas/release',
    {
      config: { right: 'operate' },
      schema: {
        tags,
        operationId: 'releaseAreas',
        summary: 'Release areas that you hold; nobody holds them then',
        body: LetGo,
        response: { 200: pageOf(AreaView) },
      },
    },
    async (request) => {
      const user = await opened(request);
      return listed(
        await areas.release(warrantOf(request), user, { targets: request.body.areas, reason: request.body.reason }),
      );
    },
  );

  app.post<{ Params: LossParams }>(
    '/v1/areas/losses/:id/seen',
    {
      config: { right: 'session' },
      schema: {
        tags,
        operationId: 'seeAreaLoss',
        summary: 'Confirm that you have seen that areas of yours were taken, freed, barred or declined',
        params: LossParams,
        response: { 200: AreaLossView },
      },
    },
    async (request) => {
      const { id } = request.params;
      const loss = await areas.seen(warrantOf(request), callerOf(request).name, id);
      const { areas: lost, by, how, reason } = loss;
      request.act = { on: written(lost), from: { how, by }, why: reason ?? undefined };
      return loss;
    },
  );

  app.post<{ Body: LetGo }>(
    '/v1/areas/free',
    {
      config: { right: 'access:write' },
      schema: {
        tags,
        operationId: 'freeAreas',
        summary: 'Free areas whose holder is gone, as a user administrator',
        body: LetGo,
        response: { 200: pageOf(AreaView) },
      },
    },
    async (request) => {
      const user = await opened(request);
      return listed(
        await areas.free(warrantOf(request), user, { targets: request.body.areas, reason: request.body.reason }),
      );
    },
  );
}

const written = (targets: readonly string[]): string =>
  targets.slice(0, MOST_WRITTEN).join(',') + (targets.length > MOST_WRITTEN ? ',…' : '');

const within = (targets: readonly string[], target: string, substation: string): boolean =>
  targets.some((each) => each === target || each === `substation:${substation}` || each.startsWith('region:'));
