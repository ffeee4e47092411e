import { newBench, type Bench } from './evaluate.ts';
import type { Layout } from '../problem/layout.ts';
import type { NetworkModel } from './model.ts';

/** What a search made and no longer needs: power flows and models are large, and the next ones are made in their place. */
export class Scratch {
  readonly #layout: Layout;
  readonly #benches: Bench[] = [];
  readonly #models: NetworkModel[] = [];

  constructor(layout: Layout) {
    this.#layout = layout;
  }

  bench = (): Bench => this.#benches.pop() ?? newBench(this.#layout);

  model = (): NetworkModel | undefined => this.#models.pop();

  /** What is given back is void for whoever still holds it. */
  give({ bench, model }: { readonly bench?: Bench; readonly model?: NetworkModel }): void {
    if (bench !== undefined) this.#benches.push(bench);
    if (model !== undefined) this.#models.push(model);
  }
}
