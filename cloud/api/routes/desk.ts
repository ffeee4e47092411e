import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Type, type Static } from 'typebox';
import { CommandView } from '../../../shared/contracts/command.ts';
import {
  DevicePageView,
  DeviceRowView,
  EffectView,
  GivenUpView,
  SelectionView,
} from '../../../shared/contracts/desk.ts';
import { DeviceType, Id } from '../../../shared/contracts/ids.ts';
import { LoadstoneError } from '../../../shared/outcome/outcome.ts';
import { notTheirs } from '../../access/warrant.ts';
import type { Actor } from '../../desk/operator-acts.ts';
import type { Wish } from '../../desk/selections.ts';
import { callerOf } from '../access.ts';
import { openCursor, pageOf, sealCursor } from '../answers/cursor.ts';
import { mayAct, personOf } from '../../access/caller.ts';
import type { ApiDeps } from '../deps.ts';
import { deviceStates } from '../views/device-index.ts';

const closed = { additionalProperties: false } as const;
const DeviceParams = Type.Object({ gateway: Id, device: Id });
type DeviceParams = Static<typeof DeviceParams>;
const CommandParams = Type.Object({ id: Type.String({ maxLength: 64 }) });
type CommandParams = Static<typeof CommandParams>;

const DeviceListQuery = Type.Object({
  q: Type.Optional(
    Type.String({ maxLength: 100, description: 'words that occur in id, name, type, feeder or substation' }),
  ),
  substation: Type.Optional(Id),
  feeder: Type.Optional(Id),
  type: Type.Optional(DeviceType),
  state: Type.Optional(Type.Union(deviceStates.map((state) => Type.Literal(state)))),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500 })),
  cursor: Type.Optional(Type.String({ maxLength: 100, description: 'nextCursor of the previous page' })),
});
type DeviceListQuery = Static<typeof DeviceListQuery>;

const values = {
  activePowerKw: Type.Optional(Type.Number({ description: 'kW, positive is consumption' })),
  reactivePowerKvar: Type.Optional(Type.Number({ description: 'kvar, positive is absorption' })),
  activePowerLimitKw: Type.Optional(Type.Number({ minimum: 0, description: 'kW, in the direction of the device' })),
  voltageTargetPu: Type.Optional(Type.Number({ minimum: 0.8, maximum: 1.2 })),
  capacitorStep: Type.Optional(Type.Integer({ minimum: 0, maximum: 100, description: 'steps switched in' })),
};
const Setpoint = Type.Object(values, closed);
const EffectQuery = Type.Object(values);
type EffectQuery = Static<typeof EffectQuery>;

export const Why = Type.String({ minLength: 3, maxLength: 300, description: 'the reason, in words' });
const wish = {
  setpoint: Setpoint,
  durationS: Type.Integer({ minimum: 60, maximum: 86_400, description: 'seconds of plant time' }),
  reason: Why,
};
const SelectBody = Type.Object(wish, { ...closed, title: 'Selection' });
type SelectBody = Static<typeof SelectBody>;
const OperateBody = Type.Object(
  { token: Type.String({ maxLength: 64, description: 'token of the selection' }), ...wish },
  { ...closed, title: 'Operation' },
);
type OperateBody = Static<typeof OperateBody>;
const CancelBody = Type.Object(
  { token: Type.String({ maxLength: 64, description: 'token of the selection' }) },
  { ...closed, title: 'Cancel' },
);
type CancelBody = Static<typeof CancelBody>;
const ReasonBody = Type.Object({ reason: Why }, { ...closed, title: 'Reason' });
type ReasonBody = Static<typeof ReasonBody>;

const ListQuery = Type.Object({
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500 })),
  cursor: Type.Optional(Type.String({ maxLength: 100, description: 'nextCursor of the previous page' })),
});
type ListQuery = Static<typeof ListQuery>;

/** Returns the actor; throws LS-API-003 if they may not act on the target. */
export function actorOn(request: FastifyRequest, { region }: Pick<ApiDeps, 'region'>, target: string): Actor {
  const caller = callerOf(request);
  if (!mayAct(region, caller, target)) throw notTheirs(caller.name, target);
  return actorOf(request);
}

/** A token acts in its owner's name; the audit log has the token's own name. */
export function actorOf(request: FastifyRequest): Actor {
  const { name } = callerOf(request);
  return { user: personOf(name), name, request: request.id };
}

/** Devices and commands: the effect first, then select, operate, and the command's lifecycle. */
export function deskRoutes(app: FastifyInstance, deps: ApiDeps): void {
  const { views } = deps;
  const { desk, operators } = deps.owner;
  const tags = ['desk'];
  const known = ({ gateway, device }: DeviceParams) => {
    const row = views.device(gateway, device);
    if (row === undefined)
      throw new LoadstoneError('LS-API-004', `there is no device "${gateway}/${device}"; GET /v1/devices lists them`);
    return row;
  };

  app.get<{ Querystring: DeviceListQuery }>(
    '/v1/devices',
    {
      config: { right: 'planner:read' },
      schema: {
        tags,
        operationId: 'listDevices',
        summary: 'List devices with state, setpoint and envelope, by page',
        querystring: DeviceListQuery,
        response: { 200: DevicePageView },
      },
    },
    async ({ query: { cursor, limit = 100, ...query } }) => {
      const from = cursor === undefined ? 0 : openCursor(cursor, 1)[0]!;
      const { items, total, next } = views.devices({ ...query, limit, from });
      const answer: DevicePageView = { items, total, nextCursor: next === undefined ? null : sealCursor([next]) };
      return answer;
    },
  );

  app.get<{ Params: DeviceParams }>(
    '/v1/devices/:gateway/:device',
    {
      config: { right: 'planner:read' },
      schema: {
        tags,
        operationId: 'getDevice',
        summary: 'Get a device and the setpoints that it accepts',
        params: DeviceParams,
        response: { 200: DeviceRowView },
      },
    },
    async ({ params }) => known(params),
  );

  app.get<{ Params: DeviceParams; Querystring: EffectQuery }>(
    '/v1/devices/:gateway/:device/effect',
    {
      config: { right: 'planner:read' },
      schema: {
        tags,
        operationId: 'getEffect',
        summary: 'Compute what a setpoint would do to the grid, by power flow; nothing is sent',
        params: DeviceParams,
        querystring: EffectQuery,
        response: { 200: EffectView },
      },
    },
    async ({ params, query }) => desk.effect({ ...params, setpoint: query }),
  );

  app.post<{ Params: DeviceParams; Body: SelectBody }>(
    '/v1/devices/:gateway/:device/select',
    {
      config: { right: 'operate' },
      schema: {
        tags,
        operationId: 'selectDevice',
        summary:
          'Select a device for a setpoint: its gateway reserves it for the caller; the token is valid once, within 30 s, after the gateway has applied `command`',
        params: DeviceParams,
        body: SelectBody,
        response: { 200: SelectionView },
      },
    },
    async (request, reply) => {
      const actor = openAct(request);
      return reply.header('cache-control', 'no-store').send(await operators.select(actor, wishOf(request)));
    },
  );

  app.post<{ Params: DeviceParams; Body: OperateBody }>(
    '/v1/devices/:gateway/:device/operate',
    {
      config: { right: 'operate' },
      schema: {
        tags,
        operationId: 'operateDevice',
        summary: 'Confirm a selection that the gateway has applied: the override is sent',
        params: DeviceParams,
        body: OperateBody,
        response: { 202: CommandView },
      },
    },
    async (request, reply) => {
      const actor = openAct(request);
      return reply.status(202).send(await operators.operate(actor, request.body.token, wishOf(request)));
    },
  );

  app.post<{ Params: DeviceParams; Body: CancelBody }>(
    '/v1/devices/:gateway/:device/cancel',
    {
      config: { right: 'operate', judgesLock: true },
      schema: {
        tags,
        operationId: 'cancelSelection',
        summary:
          'Cancel a selection: its token becomes invalid, and the gateway frees the device once it has applied `command`; without `command` the selection expires there',
        params: DeviceParams,
        body: CancelBody,
        response: { 200: GivenUpView },
      },
    },
    async (request, reply) => {
      const { params, body } = request;
      const target = `device:${params.gateway}/${params.device}`;
      request.act = { on: target };
      known(params);
      const actor = actorOn(request, deps, target);
      return reply.header('cache-control', 'no-store').send(await operators.cancel(actor, body.token, params));
    },
  );

  app.get<{ Querystring: ListQuery }>(
    '/v1/commands',
    {
      config: { right: 'planner:read' },
      schema: {
        tags,
        operationId: 'listCommands',
        summary: 'List commands with their lifecycle, newest first',
        querystring: ListQuery,
        response: { 200: pageOf(CommandView) },
      },
    },
    async ({ query: { limit = 100, cursor } }) => {
      const { items, next } = await desk.commands(limit, cursor === undefined ? undefined : openCursor(cursor, 1)[0]);
      return { items, nextCursor: next === undefined ? null : sealCursor([next]) };
    },
  );

  app.get<{ Params: CommandParams }>(
    '/v1/commands/:id',
    {
      config: { right: 'planner:read' },
      schema: {
        tags,
        operationId: 'getCommand',
        summary: 'Get a command and its lifecycle so far',
        params: CommandParams,
        response: { 200: CommandView },
      },
    },
    async ({ params }) => desk.command(params.id),
  );

  app.get(
    '/v1/overrides',
    {
      config: { right: 'planner:read' },
      schema: {
        tags,
        operationId: 'listOverrides',
        summary: 'List overrides in force; each expires by itself',
        response: { 200: pageOf(CommandView) },
      },
    },
    async () => ({
      items: await desk.overrides(),
      nextCursor: null,
    }),
  );

  app.post<{ Params: CommandParams; Body: ReasonBody }>(
    '/v1/overrides/:id/release',
    {
      config: { right: 'operate', judgesLock: true },
      schema: {
        tags,
        operationId: 'releaseOverride',
        summary: 'End an override before it expires',
        params: CommandParams,
        body: ReasonBody,
        response: { 202: CommandView },
      },
    },
    async (request, reply) => {
      const { target, setpoint } = await desk.command(request.params.id);
      request.act = { on: target, from: setpoint, why: request.body.reason };
      const actor = actorOn(request, deps, target);
      return reply.status(202).send(await operators.release(actor, request.params.id, request.body.reason));
    },
  );

  /** Opens the audit entry, then returns the actor. */
  function openAct(request: FastifyRequest<{ Params: DeviceParams; Body: SelectBody }>): Actor {
    const { gateway, device } = request.params;
    const target = `device:${gateway}/${device}`;
    const { setpoint, durationS, reason } = request.body;
    const to = { ...setpoint, durationS };
    request.act = { on: target, to, why: reason };
    const { source, setpointKw, activePowerKw } = known(request.params);
    request.act = { on: target, from: { source, setpointKw, activePowerKw: activePowerKw.value }, to, why: reason };
    return actorOn(request, deps, target);
  }
}

const wishOf = ({
  params,
  body: { setpoint, durationS, reason },
}: FastifyRequest<{ Params: DeviceParams; Body: SelectBody }>): Wish => ({ ...params, setpoint, durationS, reason });
