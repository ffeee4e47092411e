import { formatMessage } from '../sentences/message-forms.ts';

/** Operators whose inputs from this index on determine the size of the output. */
const SIZED_FROM: Readonly<Record<string, number>> = {
  ConstantOfShape: 0,
  Range: 0,
  Expand: 1,
  Pad: 1,
  ReduceMax: 1,
  ReduceMean: 1,
  ReduceMin: 1,
  ReduceSum: 1,
  Reshape: 1,
  Slice: 1,
  Split: 1,
  Squeeze: 1,
  Tile: 1,
  Unsqueeze: 1,
};

export interface GraphNode {
  readonly operator: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/**
 * Follows the values of a graph's inputs through its nodes and refuses any size that depends on them. Otherwise a model could be small for
 * every test row and take all memory at one load of the real grid.
 */
export class SizeWatch {
  readonly #known = new Set<string>(['']);
  /** Tensors whose values depend on those of an input. */
  readonly #valued = new Set<string>();

  constant(name: string): void {
    this.#known.add(name);
  }

  input(name: string): void {
    this.#known.add(name);
    this.#valued.add(name);
  }

  /** Adds the next node in file order; returns the reason if it is refused. */
  node({ operator, inputs, outputs }: GraphNode): string | undefined {
    if (inputs.some((name) => !this.#known.has(name)))
      return formatMessage('LS-MODEL-005', 'its nodes are not in order');
    const from = SIZED_FROM[operator] ?? inputs.length;
    if (inputs.some((name, i) => i >= from && this.#valued.has(name)))
      return formatMessage('LS-MODEL-005', 'the size of what {operator} makes follows from a value of its input', {
        operator,
      });
    // No size depends on a value, so shapes are known before any value is.
    const isValued = operator !== 'Shape' && inputs.some((name) => this.#valued.has(name));
    for (const name of outputs) {
      if (this.#known.has(name) && name !== '')
        return formatMessage('LS-MODEL-005', 'two nodes make {output}', { output: name.slice(0, 40) });
      this.#known.add(name);
      if (isValued) this.#valued.add(name);
    }
    return undefined;
  }
}
