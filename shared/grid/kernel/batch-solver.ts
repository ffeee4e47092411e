import { solveBatch, type BatchInput, type BatchOptions, type BatchResult } from '../batch.ts';
import type { RadialGrid } from '../compile.ts';
import { solveBatchSimd, type SweepExports } from './simd-batch.ts';
import { sweepBinary } from './sweep-binary.ts';

/** Many power flows on one radial grid, by the fastest way that this machine has. One solve at a time. */
export interface BatchSolver {
  readonly kernel: 'wasm-simd' | 'typescript';
  /** Why it is not the kernel, in words. */
  readonly reason: string | undefined;
  solve(grid: RadialGrid, input: BatchInput, options?: BatchOptions): BatchResult;
}

/** Compiles a module and answers with its exports. Throws where it cannot. */
export type WasmCompiler = (binary: Uint8Array<ArrayBuffer>) => unknown;

interface WasmPlatform {
  readonly WebAssembly?: {
    readonly Module: new (binary: Uint8Array<ArrayBuffer>) => object;
    readonly Instance: new (module: object) => { readonly exports: unknown };
  };
}

/** The compiler of the engine that runs this; some are started without one (`--jitless`), others know no SIMD. */
function engineCompiler(binary: Uint8Array<ArrayBuffer>): unknown {
  const { WebAssembly } = globalThis as WasmPlatform;
  if (WebAssembly === undefined) throw new TypeError('this engine has no WebAssembly');
  return new WebAssembly.Instance(new WebAssembly.Module(binary)).exports;
}

/**
 * The SIMD kernel where it compiles, the plain sweep elsewhere: the results are the same bits. Keep the solver: it has the kernel's
 * memory, which grows with the largest grid that it is given.
 */
export function batchSolver(compile: WasmCompiler = engineCompiler): BatchSolver {
  let exports: SweepExports;
  try {
    exports = compile(Uint8Array.from(atob(sweepBinary), (letter) => letter.charCodeAt(0))) as SweepExports;
  } catch (error) {
    return { kernel: 'typescript', reason: error instanceof Error ? error.message : String(error), solve: solveBatch };
  }
  return {
    kernel: 'wasm-simd',
    reason: undefined,
    solve: (grid, input, options) => solveBatchSimd(exports, grid, input, options),
  };
}
