import { solveBatch, type BatchInput, type BatchOptions, type BatchResult } from '../batch.ts';
import type { RadialGrid } from '../compile.ts';
import { solveBatchSimd, type SweepExports } from './simd-batch.ts';
import { sweepBinary } from './sweep-binary.ts';
import { messageOf } from '../../outcome/message-of.ts';

/** Many power flows on one radial grid, by the fastest method that this machine supports. It runs one solve at a time. */
export interface BatchSolver {
  readonly kernel: 'wasm-simd' | 'typescript';
  /** Why the kernel is not used, in words. */
  readonly reason: string | undefined;
  solve(grid: RadialGrid, input: BatchInput, options?: BatchOptions): BatchResult;
}

/** Compiles a module and returns its exports. Throws if it cannot. */
export type WasmCompiler = (binary: Uint8Array<ArrayBuffer>) => unknown;

interface WasmPlatform {
  readonly WebAssembly?: {
    readonly Module: new (binary: Uint8Array<ArrayBuffer>) => object;
    readonly Instance: new (module: object) => { readonly exports: unknown };
  };
}

/** The compiler of this JavaScript engine. Some engines run without one (`--jitless`), others do not support SIMD. */
function engineCompiler(binary: Uint8Array<ArrayBuffer>): unknown {
  const { WebAssembly } = globalThis as WasmPlatform;
  if (WebAssembly === undefined) throw new TypeError('this engine has no WebAssembly');
  return new WebAssembly.Instance(new WebAssembly.Module(binary)).exports;
}

/**
 * Returns the SIMD kernel if it compiles, otherwise the plain sweep. Their results are identical bit for bit. Reuse the solver: it owns the
 * kernel's memory, which grows to fit the largest grid.
 */
export function batchSolver(compile: WasmCompiler = engineCompiler): BatchSolver {
  let exports: SweepExports;
  try {
    exports = compile(Uint8Array.from(atob(sweepBinary), (letter) => letter.charCodeAt(0))) as SweepExports;
  } catch (error) {
    return { kernel: 'typescript', reason: messageOf(error), solve: solveBatch };
  }
  return {
    kernel: 'wasm-simd',
    reason: undefined,
    solve: (grid, input, options) => solveBatchSimd(exports, grid, input, options),
  };
}
