import type { ModelManifest } from '../../shared/contracts/model.ts';
import { bad, good, type Outcome } from '../../shared/outcome/outcome.ts';
import type { Inference } from '../../shared/ports/inference.ts';

/** Runs a loaded model on its parity vectors; the answer is the largest error over the largest output. */
export async function checkParity(manifest: ModelManifest, inference: Inference): Promise<Outcome<{ worst: number }>> {
  let worst = 0;
  for (const [i, input] of manifest.parity.inputs.entries()) {
    const result = await inference.run(manifest.id, Float32Array.from(input), 1);
    if (!result.ok) return result;
    const expected = manifest.parity.outputs[i]!;
    if (result.value.output.length !== expected.length) {
      return bad('LS-MODEL-001', `parity vector ${i} has ${expected.length} values, the model gives another number`);
    }
    const scale = Math.max(1e-6, ...expected.map(Math.abs));
    for (const [k, value] of expected.entries()) {
      worst = Math.max(worst, Math.abs(value - result.value.output[k]!) / scale);
    }
  }
  if (worst > manifest.parity.tolerance) {
    return bad('LS-MODEL-001', `the exported model differs from the trained one by ${worst} of its largest output`);
  }
  return good({ worst });
}
