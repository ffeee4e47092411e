import { fork } from 'node:child_process';
import { setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';
import { ChildLine } from '../../shared/forecast/child-line.ts';
import { HostInference } from '../../shared/forecast/host-inference.ts';
import type { InferenceReply } from '../../shared/forecast/session-host.ts';
import type { TimeBase } from '../../shared/time/clock.ts';
import type { Inference } from '../../shared/ports/inference.ts';

export interface ChildInferenceOptions {
  /** Machine time. */
  readonly time: TimeBase;
  /** The child's file; a packed bundle names its own. */
  readonly file?: string;
  readonly loadTimeoutMs?: number;
  readonly runTimeoutMs?: number;
  readonly loadsPerProcess?: number;
}

/** ONNX Runtime in a child process, replaced when it is late, when it dies, and after `loadsPerProcess` loads. */
export function childInference(options: ChildInferenceOptions): Inference {
  const file = options.file ?? fileURLToPath(new URL('./inference.child.ts', import.meta.url));
  return new HostInference(
    new ChildLine({
      time: options.time,
      loadTimeoutMs: options.loadTimeoutMs ?? 20_000,
      runTimeoutMs: options.runTimeoutMs ?? 5_000,
      loadsPerProcess: options.loadsPerProcess ?? 1,
      fork: ({ onReply, onExit }) => {
        const child = fork(file, [], {
          serialization: 'advanced',
          execArgv: ['--max-old-space-size=128', '--max-semi-space-size=1', '--disable-warning=ExperimentalWarning'],
        });
        yieldToCycle(child.pid);
        child.on('message', (reply) => onReply(reply as InferenceReply));
        child.on('exit', onExit);
        child.on('error', onExit);
        return {
          send: (request) => child.connected && (child.send(request), true),
          kill: () => {
            child.kill('SIGKILL');
          },
        };
      },
    }),
  );
}

const NICE = 10;

/** A model that loads must not make the control cycle late: the kernel prefers the gateway's own threads. */
function yieldToCycle(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    setPriority(pid, NICE);
  } catch {
    // It has ended already, or the system does not let us: the forecast works all the same.
  }
}
