import type { TrainedForecast } from './trained-forecast.ts';
import { createHash } from 'node:crypto';
import type { ModelManifest } from '../../../shared/contracts/model.ts';
import { PARITY_TOLERANCE } from '../../../shared/forecast/bundle-check.ts';
import { manifestFeatures } from '../../../shared/forecast/features.ts';

/** A model as stored and sent: the ONNX bytes and their manifest. The dispatcher signs it. */
export interface ModelBundle {
  readonly manifest: ModelManifest;
  readonly bytes: Uint8Array;
  readonly role: ModelRole;
}

/** `cloud`: for the published forecast. `gateway`: for the gateway's own, which has neither sun nor wind. */
export type ModelRole = 'cloud' | 'gateway';

export interface BundleOptions {
  /** Example: substation:owd */
  readonly target: string;
  readonly substation: string;
  readonly role: ModelRole;
  /** Plant time. */
  readonly createdAt: number;
  /** All holidays of the target's place: local dates, YYYY-MM-DD. */
  readonly holidays?: readonly string[] | undefined;
}

/**
 * How long a model may answer after its creation. A duel of full length (65 days with its leads) ends before its incumbent ages (14 days),
 * if that one spent at most twelve days in shadow and as a canary.
 */
export const LIFE_MS = 91 * 86_400_000;

/** The id names target, role, time of creation and content. */
export function modelId(
  of: Pick<BundleOptions, 'target' | 'role' | 'createdAt'> & { readonly sha256: string },
): string {
  const time = new Date(of.createdAt).toISOString().slice(0, 16).replaceAll(/[-:]/g, '').toLowerCase();
  return `${of.target.replace(':', '-')}-${of.role}-${time}-${of.sha256.slice(0, 8)}`;
}

/** The results of a training that a bundle contains. */
type Trained = Omit<TrainedForecast, 'days' | 'int8Loss' | 'reductions' | 'sameHourMeanNMae'>;

export function bundleOf(trained: Trained, options: BundleOptions): ModelBundle {
  const { target, substation, role, createdAt } = options;
  const sha256 = createHash('sha256').update(trained.onnx).digest('hex');
  const manifest: ModelManifest = {
    id: modelId({ target, role, createdAt, sha256 }),
    substation,
    target,
    featureVersion: trained.schema.version ?? 1,
    features: manifestFeatures(trained.schema),
    stepS: trained.schema.stepS,
    steps: trained.schema.steps,
    quantiles: [...trained.levels],
    sha256,
    bytes: trained.onnx.length,
    trainedFrom: trained.trainedFrom,
    trainedUpTo: trained.trainedUpTo,
    createdAt,
    expiresAt: createdAt + LIFE_MS,
    weather: trained.schema.weather || trained.schema.temperature === true ? 'hindcast' : 'none',
    metrics: trained.metrics,
    members: trained.members,
    ...(trained.blend && {
      blend: {
        members: [...trained.blend.members],
        groups: trained.blend.groups.map(({ to, weights }) => ({ to, weights: [...weights] })),
      },
    }),
    ...(trained.pruned && {
      pruned: { ...trained.pruned, members: trained.pruned.members.map((member) => ({ ...member })) },
    }),
    ...holidaysWithin(options.holidays, { createdAt, expiresAt: createdAt + LIFE_MS }),
    outputRange: trained.outputRange,
    parity: { inputs: [trained.parity.input], outputs: [trained.parity.output], tolerance: PARITY_TOLERANCE },
  };
  return { manifest, bytes: trained.onnx, role };
}

/** A row reaches back over the week before its origin and ahead over two days. */
const BEFORE_MS = 10 * 86_400_000;
const AFTER_MS = 10 * 86_400_000;

/** The holidays within the life of a model, because a gateway has no holiday calendar of its own. Empty if there are none. */
export function holidaysWithin(
  holidays: readonly string[] | undefined,
  { createdAt, expiresAt }: Pick<ModelManifest, 'createdAt' | 'expiresAt'>,
): Pick<ModelManifest, 'holidays'> {
  const day = (time: number): string => new Date(time).toISOString().slice(0, 10);
  const [first, last] = [day(createdAt - BEFORE_MS), day(expiresAt + AFTER_MS)];
  const met = holidays?.filter((date) => date >= first && date <= last) ?? [];
  return met.length === 0 ? {} : { holidays: met };
}
