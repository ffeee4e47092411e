import type { MemberBlend } from '../../../../shared/contracts/model.ts';
import { weighted, type BlendShape } from '../../../../shared/forecast/member-blend.ts';
import { good, type Outcome } from '../../../../shared/outcome/outcome.ts';
import type { Inference } from '../../../../shared/ports/inference.ts';

export interface WeightedRun {
  readonly rows: Float32Array;
  readonly batch: number;
  /** Undefined: the weights fixed in the model. */
  readonly weights: MemberBlend | undefined;
}

export interface WeightedAnswer {
  /** [row x step x level] */
  readonly output: Float32Array;
  /** [row x member x step x level], if weights were given. */
  readonly said: Float32Array | undefined;
}

/** Runs a loaded model and applies these weights to its members. `id`: the name it is loaded under. */
export async function runWeighted(
  inference: Inference,
  model: BlendShape & { readonly id: string },
  { rows, batch, weights }: WeightedRun,
): Promise<Outcome<WeightedAnswer>> {
  const result = await inference.run(model.id, rows, batch, weights === undefined ? 'answer' : 'members');
  if (!result.ok) return result;
  const { output } = result.value;
  return good(
    weights === undefined ? { output, said: undefined } : { output: weighted(output, weights, model), said: output },
  );
}
