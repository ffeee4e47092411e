import { sha256Of } from '../codec/sha256.ts';
import { MOST_CONTEXT, type ModelContext, type ModelManifest } from '../contracts/model.ts';
import type { ErrorCode } from '../outcome/catalogue.ts';
import { bad, good, type Outcome } from '../outcome/outcome.ts';
import type { Inference, RunFault } from '../ports/inference.ts';
import { refused } from '../sentences/refused.ts';
import { formatMessage } from '../sentences/message-forms.ts';
import { blendFault, weighted } from './member-blend.ts';
import { CONTEXT_VERSION, contextFault, weatherCovariates } from './context.ts';
import { FEATURE_VERSIONS, HISTORY_DAYS, manifestFeatures, schemaOf } from './features.ts';
import { columnsOf } from './model-input.ts';
import { stepsPerDay } from './series.ts';
import { checkOnnx } from './onnx-check.ts';

/** Where a model is to run. A gateway has less memory, and of the weather only the temperature. */
export type ModelPlace = 'cloud' | 'gateway';

/** Largest model that a place loads, bytes. */
export const MOST_BYTES: Readonly<Record<ModelPlace, number>> = { gateway: 5_000_000, cloud: 10_000_000 };
/** Longest permitted inference, ms. */
export const MOST_MS = 250;
const TIMED_RUNS = 3;
/** Parity errors are relative to the largest output. A manifest may ask for a tighter tolerance, never a looser one. */
export const PARITY_TOLERANCE = 1e-4;

export interface OfferedBundle {
  readonly manifest: ModelManifest;
  readonly bytes: Uint8Array;
  /** Plant time. */
  readonly now: number;
  readonly place: ModelPlace;
}

/**
 * Checks a bundle without running it: size and hash (LS-MODEL-001), age (LS-MODEL-011), features and answer (LS-MODEL-004, see
 * FEATURES.md), operators (LS-MODEL-005), memory (LS-MODEL-009).
 */
export async function checkBundle({ manifest, bytes, now, place }: OfferedBundle): Promise<Outcome<true>> {
  const { quantiles } = manifest;
  if (bytes.length !== manifest.bytes)
    return refused('LS-MODEL-001', 'it has {size} bytes, its manifest says {stated}', {
      size: bytes.length,
      stated: manifest.bytes,
    });
  if (bytes.length > MOST_BYTES[place])
    return refused('LS-MODEL-009', TOO_LARGE[place], { size: bytes.length, most: MOST_BYTES[place] });
  if ((await sha256Of(bytes)) !== manifest.sha256)
    return refused('LS-MODEL-001', 'its bytes do not match the hash of its manifest');
  if (manifest.expiresAt <= now)
    return refused('LS-MODEL-011', 'it has expired on {day}', {
      day: new Date(manifest.expiresAt).toISOString().slice(0, 10),
    });
  const misfit = (why: string): Outcome<never> => bad('LS-MODEL-004', why);
  const { context } = manifest;
  const odd = context === undefined ? featuresFault(manifest, place) : rawFault(manifest, context, place);
  if (odd !== undefined) return misfit(odd);
  if (!quantiles.includes(0.5) || quantiles.some((level, i) => i > 0 && level <= quantiles[i - 1]!))
    return misfit(formatMessage('LS-MODEL-004', 'its quantiles do not ascend or lack the median'));
  const fault = manifest.blend && blendFault(manifest.blend, manifest.steps);
  if (fault !== undefined) return misfit(fault);
  const operators = checkOnnx(bytes, context === undefined ? 'features' : 'context');
  return operators.ok ? good(true) : operators;
}

const TOO_LARGE = {
  gateway: 'it has {size} bytes, a gateway takes {most}',
  cloud: 'it has {size} bytes, a cloud takes {most}',
} as const;

const NO_SUN = formatMessage('LS-MODEL-004', 'it needs sun or wind, and a gateway has only the temperature');

/** Reason why a place cannot compute the features that a model needs; undefined if it can. */
function featuresFault(manifest: ModelManifest, place: ModelPlace): string | undefined {
  const schema = schemaOf(manifest);
  if (schema === undefined)
    return formatMessage('LS-MODEL-004', 'feature schema {version} is not known here, only {figures}', {
      version: manifest.featureVersion,
      figures: FEATURE_VERSIONS.join(', '),
    });
  const weather = manifest.weather !== 'none';
  if (schema.weather && place === 'gateway') return NO_SUN;
  if (weather !== (schema.weather || schema.temperature === true))
    return formatMessage('LS-MODEL-004', 'its manifest says weather {weather}, its features do not', {
      weather: manifest.weather,
    });
  const names = manifestFeatures(schema);
  const isSchema = names.length === manifest.features.length && names.every((name, i) => name === manifest.features[i]);
  return isSchema ? undefined : formatMessage('LS-MODEL-004', 'its features are not those of the feature schema');
}

/** Reason why a place cannot provide the history and covariates that a model needs; undefined if it can. */
function rawFault(manifest: ModelManifest, context: ModelContext, place: ModelPlace): string | undefined {
  if (manifest.featureVersion !== CONTEXT_VERSION)
    return formatMessage('LS-MODEL-004', 'version {version} of the contract context is not known here, only {known}', {
      version: manifest.featureVersion,
      known: CONTEXT_VERSION,
    });
  if (manifest.features.length > 0) return formatMessage('LS-MODEL-004', 'it takes raw history and names features too');
  if (manifest.blend !== undefined)
    return formatMessage('LS-MODEL-004', 'it takes raw history: it has no members to blend');
  const mostSteps = place === 'gateway' ? (HISTORY_DAYS + 1) * stepsPerDay(manifest.stepS) : MOST_CONTEXT;
  const fault = contextFault(context, mostSteps);
  if (fault !== undefined) return fault;
  const covariates = weatherCovariates(context);
  if (place === 'gateway' && covariates.some((name) => name !== 'temperature')) return NO_SUN;
  const weather = covariates.length > 0;
  return weather === (manifest.weather !== 'none')
    ? undefined
    : formatMessage('LS-MODEL-004', 'its manifest says weather {weather}, its covariates do not', {
        weather: manifest.weather,
      });
}

/**
 * Runs a loaded model on its parity vectors and checks shape (LS-MODEL-006), finite values, also with gaps in raw history (LS-MODEL-007),
 * agreement within tolerance on at least one vector (LS-MODEL-008) and time (LS-MODEL-009). Returns the largest median time of a vector,
 * ms.
 */
export async function checkParity(
  manifest: ModelManifest,
  inference: Inference,
): Promise<Outcome<{ readonly ms: number }>> {
  const { inputs, outputs } = manifest.parity;
  const tolerance = Math.min(PARITY_TOLERANCE, manifest.parity.tolerance);
  if (inputs.length === 0 || inputs.length !== outputs.length)
    return refused('LS-MODEL-008', 'it has {inputs} parity inputs and {outputs} outputs', {
      inputs: inputs.length,
      outputs: outputs.length,
    });
  const width = manifest.steps * manifest.quantiles.length;
  const columns = columnsOf(manifest).length;
  let slowest = 0;
  for (const [i, input] of inputs.entries()) {
    const expected = outputs[i]!;
    if (input.length !== columns)
      return refused('LS-MODEL-008', 'parity input {row} has {count} columns, not {wanted}', {
        row: i,
        count: input.length,
        wanted: columns,
      });
    const scale = Math.max(1e-6, ...expected.map(Math.abs));
    const times: number[] = [];
    let answer: Float32Array | undefined;
    for (let turn = 0; turn < TIMED_RUNS; turn++) {
      const result = await inference.run(manifest.id, Float32Array.from(input), 1);
      if (!result.ok) return bad(codeOfRun(result.fault), result.fault.detail);
      const { output, ms } = result.value;
      answer = output;
      times.push(ms);
      if (output.length !== width)
        return refused('LS-MODEL-006', 'it gives {count} values, not {wanted}', {
          count: output.length,
          wanted: width,
        });
      if (expected.length !== width)
        return refused('LS-MODEL-008', 'parity output {row} has {count} values, not {wanted}', {
          row: i,
          count: expected.length,
          wanted: width,
        });
      const off = expected.findIndex((value, k) => !(Math.abs(value - output[k]!) <= tolerance * scale));
      if (off >= 0)
        return refused('LS-MODEL-008', 'parity vector {row} differs at {step}: {own} instead of {wanted}', {
          row: i,
          step: off,
          own: output[off]!,
          wanted: expected[off]!,
        });
    }
    slowest = Math.max(slowest, times.sort((a, b) => a - b)[TIMED_RUNS >> 1]!);
    const members = await checkMembers(manifest, { input, answer: answer! }, inference);
    if (!members.ok) return members;
    const gap = await checkGap(manifest, input, inference);
    if (!gap.ok) return gap;
  }
  if (slowest > MOST_MS)
    return refused('LS-MODEL-009', 'one inference takes {ms} ms, {most} are allowed', {
      ms: Math.round(slowest),
      most: MOST_MS,
    });
  return good({ ms: slowest });
}

/** Checks that the members' outputs, weighted by the manifest, give the answer: LS-MODEL-006, LS-MODEL-008. */
async function checkMembers(
  manifest: ModelManifest,
  { input, answer }: { readonly input: readonly number[]; readonly answer: Float32Array },
  inference: Inference,
): Promise<Outcome<unknown>> {
  const { blend, id } = manifest;
  if (blend === undefined) return good(true);
  const result = await inference.run(id, Float32Array.from(input), 1, 'members');
  if (!result.ok) return bad(codeOfRun(result.fault), result.fault.detail);
  const { output } = result.value;
  const wanted = blend.members.length * answer.length;
  if (output.length !== wanted)
    return refused('LS-MODEL-006', 'its members give {count} values, not {wanted}', { count: output.length, wanted });
  const scale = answer.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-6);
  const mean = weighted(output, blend, manifest);
  const off = mean.findIndex((value, k) => !(Math.abs(value - answer[k]!) <= PARITY_TOLERANCE * scale));
  if (off < 0) return good(true);
  return refused('LS-MODEL-008', 'its members make {own} at {step}, it answers {wanted}', {
    own: mean[off]!,
    step: off,
    wanted: answer[off]!,
  });
}

/**
 * Raw history has gaps, which a parity vector cannot hold. With half of the history unknown, the answer must still be finite
 * (LS-MODEL-007).
 */
async function checkGap(
  { id, context }: ModelManifest,
  input: readonly number[],
  inference: Inference,
): Promise<Outcome<unknown>> {
  if (context === undefined) return good(true);
  const { length } = context;
  const row = Float32Array.from(input, (value, i) => (i < length && isGap(i, length) ? Number.NaN : value));
  const result = await inference.run(id, row, 1);
  return result.ok
    ? result
    : bad(
        codeOfRun(result.fault),
        formatMessage('any', 'with gaps in its history: {detail}', { detail: result.fault.detail }),
      );
}

/** The first third, a stretch in the middle, and the last steps. */
const isGap = (at: number, length: number): boolean =>
  at < length / 3 || (at >= length / 2 && at < (length * 5) / 8) || at >= length - 4;

/** The error code of a failed run. A run that ONNX Runtime refuses counts as a wrong shape. */
export function codeOfRun({ cause = 'failed' }: RunFault): ErrorCode {
  switch (cause) {
    case 'notFinite':
      return 'LS-MODEL-007';
    case 'noAnswer':
    case 'noMemory':
      return 'LS-MODEL-009';
    case 'failed':
      return 'LS-MODEL-006';
  }
}
