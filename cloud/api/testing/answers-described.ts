import assert from 'node:assert/strict';
import { subscribe } from 'node:diagnostics_channel';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

interface Answer {
  readonly $ref?: string;
  readonly content?: Readonly<Record<string, { readonly schema: object }>>;
}
type Operations = Readonly<Record<string, { readonly responses: Readonly<Record<string, Answer>> }>>;
interface Document {
  readonly paths: Readonly<Record<string, Operations>>;
  readonly components: { readonly responses: Readonly<Record<string, Answer>> };
}

const ajv = new Ajv2020({ strict: false, validateFormats: false });

/** Returns a function that rejects with an AssertionError if an answer does not match its operation in the OpenAPI document. */
function answersOf(app: FastifyInstance) {
  const checks = new Map<object, ValidateFunction>();
  return async ({ method, routeOptions: { url = '' } }: FastifyRequest, reply: FastifyReply, payload: unknown) => {
    const { statusCode: status } = reply;
    const { paths, components } = app.swagger() as unknown as Document;
    const path = url.replaceAll(/:(\w+)/g, '{$1}');
    const responses = paths[path]?.[method.toLowerCase()]?.responses;
    if (responses === undefined || status === 304) return;
    const at = `${method} ${path} answers ${status}`;
    const named = responses[status] ?? responses[`${Math.floor(status / 100)}XX`];
    assert.ok(named, `${at}, which its description does not name`);
    const { content } = named.$ref === undefined ? named : components.responses[named.$ref.split('/').at(-1)!]!;
    if (content === undefined) return assert.equal(payload ?? '', '', `${at} with a body that is not described`);
    const [type = ''] = String(reply.getHeader('content-type')).split(';');
    const described = content[type];
    assert.ok(described, `${at} as ${type}; described as ${Object.keys(content).join(', ')}`);
    const text = payload instanceof Uint8Array ? new TextDecoder().decode(payload) : payload;
    if (typeof text !== 'string' || !type.endsWith('json')) return;
    let fits = checks.get(described);
    if (fits === undefined) checks.set(described, (fits = ajv.compile({ ...described.schema, components })));
    assert.ok(fits(JSON.parse(text)), `${at}: ${ajv.errorsText(fits.errors)}: ${text.slice(0, 300)}`);
  };
}

/**
 * Once this file is imported, every answer of every application must match its description. The hook of a route runs last, so it sees what
 * is sent. Node fails the running test with the unhandled rejection; a rejection of the hook itself would become another answer.
 */
subscribe('fastify.initialization', (message) => {
  const { fastify: app } = message as { readonly fastify: FastifyInstance };
  const check = answersOf(app);
  app.addHook('onRoute', (route) => {
    const hook = async (request: FastifyRequest, reply: FastifyReply, payload: unknown) => {
      void check(request, reply, payload);
      return payload;
    };
    route.onSend = [route.onSend ?? [], hook].flat();
  });
});
