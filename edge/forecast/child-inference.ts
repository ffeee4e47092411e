import { fork, type ChildProcess } from 'node:child_process';
import { setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { ExecutionProvider } from '../../shared/inference/execution-provider.ts';
import { processInference } from '../../shared/inference/process-inference.ts';
import type { Inference } from '../../shared/ports/inference.ts';
import type { TimeBase } from '../../shared/time/clock.ts';

export interface ChildInferenceOptions {
  /** Machine time. */
  readonly time: TimeBase;
  /** Default: cpu. */
  readonly provider?: ExecutionProvider;
  /** The child's file; a bundled build passes its own. */
  readonly file?: string;
  readonly loadTimeoutMs?: number;
  readonly runTimeoutMs?: number;
}

/** ONNX Runtime in a child process, a new one for each model. It has a lower priority than the control cycle. */
export function childInference(options: ChildInferenceOptions): Inference {
  const { time, provider = 'cpu', file = INFERENCE_FILE, loadTimeoutMs = 20_000, runTimeoutMs = 5_000 } = options;
  return processInference({
    start: () => started(file, provider),
    time,
    loadTimeoutMs,
    runTimeoutMs,
    loadsPerProcess: 1,
    memory: { roomMb: 64, perByte: 8 },
  });
}

const INFERENCE_FILE = fileURLToPath(new URL('../../shared/inference/inference.child.ts', import.meta.url));
const NICE = 10;

function started(file: string, provider: ExecutionProvider): ChildProcess {
  const child = fork(file, [provider], {
    serialization: 'advanced',
    execArgv: [
      '--max-old-space-size=128',
      '--max-semi-space-size=1',
      '--optimize-for-size',
      '--disable-warning=ExperimentalWarning',
    ],
  });
  yieldToCycle(child.pid);
  return child;
}

/** Lowers the child's priority, so that loading a model cannot delay the control cycle. */
function yieldToCycle(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    setPriority(pid, NICE);
  } catch {
    // The process has ended, or the system does not permit it. The forecast works all the same.
  }
}
