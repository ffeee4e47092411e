import { estimate, type EstimateInput, type EstimateModel } from '../../cloud/estimate/estimate.ts';
import { chooseInputs } from '../../cloud/estimate/inputs.ts';
import { allocate } from './allocate.ts';

/** Voltage errors at unmeasured buses, against the truth. */
export class VoltageErrors {
  readonly #ours: number[] = [];
  readonly #shared: number[] = [];
  #within = 0;

  /** `truth` by bus id. Measured buses and the transformer's source bus do not count. */
  add(model: EstimateModel, input: EstimateInput, truth: ReadonlyMap<string, number>): void {
    const inputs = chooseInputs(model, input);
    const shared = allocate(model, inputs).vmPu.slice();
    const state = estimate(model, input);
    const source = model.grid.nodeBus[0];
    for (const [bus, { id, voltagePu }] of state.buses.entries()) {
      if (voltagePu.origin === 'measured' || bus === source) continue;
      const actual = truth.get(id)!;
      this.#ours.push((100 * Math.abs(voltagePu.value - actual)) / actual);
      this.#shared.push((100 * Math.abs(shared[bus]! - actual)) / actual);
      if (Math.abs(voltagePu.value - actual) <= 1.96 * voltagePu.error) this.#within++;
    }
  }

  result(): {
    voltageErrorPct: { rms: number; p95: number };
    intervalCoverage: number;
    baselineErrorPct: { rms: number; p95: number };
    values: number;
  } {
    return {
      voltageErrorPct: statistics(this.#ours),
      intervalCoverage: this.#within / this.#ours.length,
      baselineErrorPct: statistics(this.#shared),
      values: this.#ours.length,
    };
  }
}

function statistics(values: number[]): { rms: number; p95: number } {
  const sorted = values.toSorted((a, b) => a - b);
  const rms = Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / values.length);
  return { rms, p95: sorted[Math.ceil(0.95 * sorted.length) - 1]! };
}
