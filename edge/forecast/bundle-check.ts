import { createHash } from 'node:crypto';
import type { ModelManifest } from '../../shared/contracts/model.ts';
import { FEATURE_VERSION, featureNames } from '../../shared/forecast/features.ts';
import { checkOnnx } from '../../shared/forecast/onnx-check.ts';
import { bad, good, type Outcome } from '../../shared/outcome/outcome.ts';
import type { Inference } from '../../shared/ports/inference.ts';

/** Largest model that a gateway loads, and the longest that one inference may take. */
const MOST_BYTES = 5_000_000;
const MOST_MS = 250;
const TIMED_RUNS = 3;

const refuse = (why: string): Outcome<never> => bad('LS-MODEL-001', why);

/** What can be said of a bundle without running it: hash, size, schema, shape, expiry, operators. */
export function checkBundle(manifest: ModelManifest, bytes: Uint8Array, now: number): Outcome<true> {
  const { quantiles } = manifest;
  if (bytes.length !== manifest.bytes)
    return refuse(`it has ${bytes.length} bytes, its manifest says ${manifest.bytes}`);
  if (bytes.length > MOST_BYTES) return refuse(`it has ${bytes.length} bytes, a gateway takes ${MOST_BYTES}`);
  const hash = createHash('sha256').update(bytes).digest('hex');
  if (hash !== manifest.sha256) return refuse('its bytes do not match the hash of its manifest');
  if (manifest.expiresAt <= now) return refuse('it has expired');
  if (manifest.featureVersion !== FEATURE_VERSION) {
    return refuse(`feature schema ${manifest.featureVersion} is not known here, only ${FEATURE_VERSION}`);
  }
  if (manifest.weather !== 'none') return refuse('it needs weather, which a gateway does not have');
  const names = featureNames({ steps: manifest.steps, stepS: manifest.stepS, weather: false });
  if (names.length !== manifest.features.length || names.some((name, i) => name !== manifest.features[i])) {
    return refuse('its features are not those of the feature schema');
  }
  if (!quantiles.includes(0.5) || quantiles.some((level, i) => i > 0 && level <= quantiles[i - 1]!)) {
    return refuse('its quantiles do not ascend or lack the median');
  }
  const operators = checkOnnx(bytes);
  return operators.ok ? good(true) : operators;
}

/** Runs a loaded model on its parity vectors: finite, of the right shape, equal within tolerance, in time. */
export async function checkParity(
  manifest: ModelManifest,
  inference: Inference,
): Promise<Outcome<{ readonly ms: number }>> {
  const { inputs, outputs, tolerance } = manifest.parity;
  if (inputs.length === 0 || inputs.length !== outputs.length) return refuse('it has no parity vectors');
  let slowest = 0;
  for (const [i, input] of inputs.entries()) {
    const expected = outputs[i]!;
    if (input.length !== manifest.features.length) return refuse(`parity input ${i} has ${input.length} columns`);
    const scale = Math.max(1e-6, ...expected.map(Math.abs));
    const times: number[] = [];
    for (let turn = 0; turn < TIMED_RUNS; turn++) {
      const result = await inference.run(manifest.id, Float32Array.from(input), 1);
      if (!result.ok) return refuse(result.fault.detail);
      const { output, ms } = result.value;
      times.push(ms);
      if (output.length !== manifest.steps * manifest.quantiles.length || output.length !== expected.length) {
        return refuse(`it gives ${output.length} values, not ${manifest.steps * manifest.quantiles.length}`);
      }
      const off = expected.findIndex((value, k) => !(Math.abs(value - output[k]!) <= tolerance * scale));
      if (off >= 0) return refuse(`parity vector ${i} differs at ${off}: ${output[off]} instead of ${expected[off]}`);
    }
    slowest = Math.max(slowest, times.sort((a, b) => a - b)[TIMED_RUNS >> 1]!);
  }
  if (slowest > MOST_MS) return refuse(`one inference takes ${Math.round(slowest)} ms, a gateway allows ${MOST_MS}`);
  return good({ ms: slowest });
}
