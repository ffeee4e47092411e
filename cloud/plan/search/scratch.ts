import { newBench, type Bench } from './evaluate.ts';
import type { Layout } from '../problem/layout.ts';
import type { NetworkModel } from './model.ts';

/** Power flows and models that a search no longer needs: they are large, and the next ones reuse them. */
export class Scratch {
  readonly #layout: Layout;
  readonly #benches: Bench[] = [];
  readonly #models: NetworkModel[] = [];

  constructor(layout: Layout) {
    this.#layout = layout;
  }

  bench = (): Bench => this.#benches.pop() ?? newBench(this.#layout);

  model = (): NetworkModel | undefined => this.#models.pop();

  /** Whatever is given back is void for those that still hold it. */
  give({ bench, model }: { readonly bench?: Bench; readonly model?: NetworkModel }): void {
    if (bench !== undefined) this.#benches.push(bench);
    if (model !== undefined) this.#models.push(model);
  }
}
