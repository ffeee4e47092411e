import type { FastifyInstance } from 'fastify';
import { Type, type Static } from 'typebox';
import { unwrap } from '../../../shared/outcome/outcome.ts';
import { ImportManifest } from '../../forecast/registry/import/contract.ts';
import { callerOf, warrantOf } from '../access.ts';
import { parseTime } from '../conventions.ts';
import type { ApiDeps } from '../deps.ts';
import { ModelDetailShape } from '../models/shape.ts';
import { modelDetail } from '../models/shown.ts';
import { assertReadable } from '../targets.ts';

const MOST_BASE64 = 13_400_000;
const BODY_BYTES = 16_000_000;

const Body = Type.Object(
  {
    onnx: Type.String({
      minLength: 4,
      maxLength: MOST_BASE64,
      pattern: '^[A-Za-z0-9+/]+={0,2}$',
      description: 'the file in base64; at most 5 MB for a gateway, 10 MB for the cloud',
      examples: ['CAgSCWxvYWRzdG9uZQ=='],
    }),
    manifest: ImportManifest,
    reason: Type.String({ minLength: 3, maxLength: 200, pattern: '\\S', examples: ['trained on the whole winter'] }),
    release: Type.Optional(
      Type.String({
        pattern: '^[a-z0-9][a-z0-9-]{0,39}$',
        maxLength: 40,
        description: 'models of one release are rolled out together, a share of them first',
        examples: ['winter-2021'],
      }),
    ),
  },
  {
    additionalProperties: false,
    title: 'ModelImport',
    examples: [
      {
        onnx: 'CAgSCWxvYWRzdG9uZQ==',
        manifest: {
          target: 'substation:owd',
          role: 'cloud',
          name: 'sklearn-mlp',
          featureVersion: 1,
          stepS: 900,
          steps: 192,
          quantiles: [0.1, 0.5, 0.9],
          weather: 'none',
          trainedFrom: '2021-08-01T00:00:00Z',
          trainedUpTo: '2021-08-28T00:00:00Z',
          // Both are cut short: there is a value for each feature, and one for each step and quantile.
          parity: { inputs: [[2010.5, 1998]], outputs: [[1800, 2010, 2200]] },
        },
        reason: 'trained on the whole winter',
      },
    ],
  },
);
type Body = Static<typeof Body>;

/** Imports externally trained models into the registry, through the same gates as our own. */
export function modelImportRoute(app: FastifyInstance, deps: ApiDeps): void {
  app.post<{ Body: Body }>(
    '/v1/models',
    {
      bodyLimit: BODY_BYTES,
      config: { right: 'models:write', checksTargets: true },
      schema: {
        tags: ['models'],
        operationId: 'importModel',
        summary:
          'Import a model trained elsewhere: it is checked, compared with the incumbent on the last 28 days, and rolled out in the same steps as others; the same file again returns the same model',
        body: Body,
        response: { 200: ModelDetailShape, 201: ModelDetailShape },
      },
    },
    async (request, reply) => {
      const { manifest, onnx, reason, release } = request.body;
      const caller = callerOf(request);
      request.act = { on: `model of ${manifest.target} (${manifest.role})`, to: manifest.name, why: reason };
      assertReadable(deps.region, caller, manifest.target, '/body/manifest/target');
      const { entry, isNew } = unwrap(
        await deps.owner.models.take(warrantOf(request, manifest.target), {
          manifest: {
            ...manifest,
            trainedFrom: parseTime(manifest.trainedFrom, '/body/manifest/trainedFrom'),
            trainedUpTo: parseTime(manifest.trainedUpTo, '/body/manifest/trainedUpTo'),
          },
          bytes: Buffer.from(onnx, 'base64'),
          by: caller.name,
          reason,
          release,
        }),
      );
      const { id } = entry.manifest;
      request.act = { ...request.act, on: `model:${id}`, to: entry.state };
      void reply.status(isNew ? 201 : 200).header('location', `/v1/models/${id}`);
      return modelDetail(entry, deps);
    },
  );
}
