import type { ForecastTarget } from '../forecast-target.ts';
import { GATEWAY_STEPS } from '../horizons.ts';
import { STEPS, STEP_S } from '../horizons.ts';
import { createHash } from 'node:crypto';
import type { ModelManifest } from '../../../../shared/contracts/model.ts';
import { checkBundle, checkParity, codeOfRun, PARITY_TOLERANCE } from '../../../../shared/forecast/bundle-check.ts';
import { featureNames } from '../../../../shared/forecast/features.ts';
import { GATEWAY_QUANTILES, QUANTILES } from '../../../../shared/forecast/quantiles.ts';
import { bad, good, type Fault, type Outcome } from '../../../../shared/outcome/outcome.ts';
import type { Inference } from '../../../../shared/ports/inference.ts';
import type { Clock } from '../../../../shared/time/clock.ts';
import { Turns } from '../../../../shared/time/turns.ts';
import type { StillMay } from '../../../access/warrant.ts';
import type { RecentComparison } from '../recent-comparison.ts';
import { metricsOf, outputRangeOf } from '../manifest-facts.ts';
import { holidaysWithin, LIFE_MS, modelId } from '../bundle.ts';
import { referencesOf } from '../drift/inputs.ts';
import { LEAST_DAYS } from '../gate.ts';
import type { ModelRegistry, RegistryEntry } from '../registry.ts';
import type { Rollout } from '../rollout.ts';
import type { ImportManifest } from './contract.ts';

export interface ModelImportOptions {
  readonly clock: Clock;
  readonly targets: readonly ForecastTarget[];
  readonly registry: Pick<ModelRegistry, 'withBytes'>;
  readonly forecasts: RecentComparison & { readonly rollout: Pick<Rollout, 'submit'> };
  /** A separate process with limits of time and memory; it is closed after one model. */
  readonly quarantine: () => Inference;
}

/** A model trained elsewhere. Times in ms UTC. */
export interface ImportOffer {
  readonly manifest: Omit<ImportManifest, 'trainedFrom' | 'trainedUpTo'> & {
    readonly trainedFrom: number;
    readonly trainedUpTo: number;
  };
  readonly bytes: Uint8Array;
  readonly by: string;
  readonly reason: string;
  /** Models of one release are rolled out together; by default each goes alone. */
  readonly release?: string | undefined;
}

export interface Imported {
  readonly entry: RegistryEntry;
  /** False: the registry already had these bytes for this place. */
  readonly isNew: boolean;
}

const DAY_MS = 86_400_000;
const MOST_WAITING = 4;
/** Horizon and levels of the models of a place; shared/forecast/FEATURES.md. */
const STEPS_OF = { cloud: STEPS, gateway: GATEWAY_STEPS };
const LEVELS = { cloud: QUANTILES, gateway: GATEWAY_QUANTILES };

/**
 * Imports models trained elsewhere, one at a time. It checks them without running, runs them in their own process on their parity vectors
 * and the last four weeks, and submits the good ones to the rollout.
 */
export class ModelImport {
  readonly #options: ModelImportOptions;
  readonly #turns = new Turns();
  #waiting = 0;

  constructor(options: ModelImportOptions) {
    this.#options = options;
  }

  /** LS-MODEL codes name the check that failed; LS-API-007: a field of the manifest is not possible here. */
  async take(offer: ImportOffer, stillMay: StillMay = () => undefined): Promise<Outcome<Imported>> {
    if (this.#waiting >= MOST_WAITING)
      return bad('LS-API-008', `${MOST_WAITING} models are already being checked; try again later`);
    this.#waiting++;
    try {
      return await this.#turns.take(() => this.#take(offer, stillMay));
    } finally {
      this.#waiting--;
    }
  }

  async #take(offer: ImportOffer, stillMay: StillMay): Promise<Outcome<Imported>> {
    const { clock, registry, quarantine } = this.#options;
    const { bytes, manifest: offered } = offer;
    const now = Math.round(clock.plant.now());
    const target = this.#placeOf(offer, now);
    if (!target.ok) return target;
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    if (offered.sha256 !== undefined && offered.sha256 !== sha256)
      return bad('LS-MODEL-001', 'its bytes do not match the hash of its manifest', '/body/manifest/sha256');
    const before = await registry.withBytes(sha256, offered.target, offered.role);
    if (before !== undefined) return good({ entry: before, isNew: false });
    const manifest = manifestOf(offer, { target: target.value, sha256, now });
    const checked = await checkBundle({ manifest, bytes, now, place: offered.role });
    if (!checked.ok) return checked;
    const inference = quarantine();
    try {
      return await this.#tried(offer, manifest, { inference, stillMay });
    } finally {
      await inference.close();
    }
  }

  #placeOf({ manifest }: ImportOffer, now: number): Outcome<ForecastTarget> {
    const { role, trainedFrom, trainedUpTo } = manifest;
    const target = this.#options.targets.find(({ id }) => id === manifest.target);
    const at = (key: string): string => `/body/manifest/${key}`;
    if (target === undefined) return bad('LS-API-007', `there is no target ${manifest.target}`, at('target'));
    if (role === 'gateway' && !target.gateway)
      return bad('LS-API-007', `no gateway forecasts ${manifest.target}`, at('role'));
    if (trainedUpTo > now) return bad('LS-API-007', 'trainedUpTo is in the future', at('trainedUpTo'));
    if (trainedFrom < 0 || trainedFrom >= trainedUpTo)
      return bad('LS-API-007', 'trainedFrom must be before trainedUpTo', at('trainedFrom'));
    const { minKw, maxKw } = manifest.outputRange ?? { minKw: 0, maxKw: 1 };
    if (minKw >= maxKw) return bad('LS-API-007', 'minKw must be below maxKw', at('outputRange'));
    if (manifest.stepS !== STEP_S || manifest.steps !== STEPS_OF[role])
      return bad('LS-MODEL-004', `a ${role} model must have ${STEPS_OF[role]} steps of ${STEP_S} s`, at('steps'));
    const levels = LEVELS[role];
    if (levels.length !== manifest.quantiles.length || levels.some((level, i) => level !== manifest.quantiles[i]))
      return bad('LS-MODEL-004', `a ${role} model must have the quantiles ${levels.join(', ')}`, at('quantiles'));
    if (now - trainedUpTo < LEAST_DAYS * DAY_MS) {
      const why = `its training data ends at ${new Date(trainedUpTo).toISOString()}; judging it takes at least ${LEAST_DAYS} days after that, better 28`;
      return bad('LS-MODEL-010', why, at('trainedUpTo'));
    }
    return good(target);
  }

  async #tried(
    offer: ImportOffer,
    draft: ModelManifest,
    { inference, stillMay }: { readonly inference: Inference; readonly stillMay: StillMay },
  ): Promise<Outcome<Imported>> {
    const { forecasts } = this.#options;
    const { bytes, by, release } = offer;
    const loaded = await inference.load(draft.id, bytes);
    if (!loaded.ok) return loaded;
    const parity = await checkParity(draft, inference);
    if (!parity.ok) return parity;
    let fault: Fault | undefined;
    let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    const silent = new Float32Array(draft.steps * draft.quantiles.length);
    const measured = await forecasts.compareRecent(draft, draft.target, async (row) => {
      if (fault !== undefined) return silent;
      const result = await inference.run(draft.id, row, 1);
      if (!result.ok) {
        fault = { code: codeOfRun(result.fault), detail: `on the last weeks: ${result.fault.detail}` };
        return silent;
      }
      for (const value of result.value.output) {
        least = Math.min(least, value);
        most = Math.max(most, value);
      }
      return result.value.output;
    });
    if (fault !== undefined) return { ok: false, fault };
    if (measured === undefined)
      return bad('LS-FORECAST-006', `there is no weather for ${draft.target} to judge it with`);
    const { comparison, load, from } = measured;
    const outputRange = offer.manifest.outputRange ?? outputRangeOf(load.values);
    if (least < outputRange.minKw || most > outputRange.maxKw) {
      const found = `${Math.round(least)} to ${Math.round(most)} kW`;
      return bad(
        'LS-MODEL-007',
        `on the last weeks it gives ${found}, outside its range of ${outputRange.minKw} to ${outputRange.maxKw} kW`,
      );
    }
    const manifest = { ...draft, outputRange, metrics: metricsOf(comparison, load, from) };
    const evidence = {
      days: comparison.days,
      inputs: referencesOf({ load: load.values }),
      imported: true,
      inferenceMs: parity.value.ms,
    };
    stillMay();
    const submitted = await forecasts.rollout.submit(
      { manifest, bytes, role: offer.manifest.role },
      { release: release ?? manifest.id, evidence, by, reason: reasonOf(offer) },
    );
    return submitted.ok ? good({ entry: submitted.value, isNew: true }) : submitted;
  }
}

const reasonOf = ({ reason, manifest }: ImportOffer): string =>
  `imported (${manifest.madeWith ?? manifest.name}): ${reason}`;

/** Raw history instead of features, if the manifest asks for it. */
const inputOfManifest = ({
  context,
  steps,
  stepS,
  weather,
}: ImportOffer['manifest']): Pick<ModelManifest, 'features' | 'context'> =>
  context === undefined
    ? { features: featureNames({ steps, stepS, weather: weather !== 'none' }) }
    : { features: [], context };

/** The manifest in our format, without the measured fields. */
function manifestOf(
  { manifest, bytes }: ImportOffer,
  { target: place, sha256, now }: { readonly target: ForecastTarget; readonly sha256: string; readonly now: number },
): ModelManifest {
  const { target, role, stepS, steps, weather, lifeDays } = manifest;
  const expiresAt = now + (lifeDays === undefined ? LIFE_MS : lifeDays * DAY_MS);
  return {
    id: modelId({ target, role, createdAt: now, sha256 }),
    substation: place.substation,
    target,
    featureVersion: manifest.featureVersion,
    ...inputOfManifest(manifest),
    stepS,
    steps,
    quantiles: [...manifest.quantiles],
    sha256,
    bytes: bytes.length,
    trainedFrom: manifest.trainedFrom,
    trainedUpTo: manifest.trainedUpTo,
    createdAt: now,
    expiresAt,
    weather,
    metrics: { window: '', nMae: 0, pinball: 0, coverage80: 0, seasonalNaiveNMae: 0, seasonalNaivePinball: 0 },
    members: { [manifest.name]: 1 },
    ...holidaysWithin(place.holidays, { createdAt: now, expiresAt }),
    outputRange: { minKw: 0, maxKw: 0 },
    parity: { ...manifest.parity, tolerance: PARITY_TOLERANCE },
  };
}
