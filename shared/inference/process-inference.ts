import type { Inference } from '../ports/inference.ts';
import type { TimeBase } from '../time/clock.ts';
import { ChildLine } from './child-line.ts';
import { HostInference } from './host-inference.ts';
import type { InferenceReply, InferenceRequest } from './session-host.ts';

/** What a child process with a message channel offers, as Node's ChildProcess does. */
interface InferenceProcess {
  readonly connected: boolean;
  send(request: InferenceRequest): boolean;
  kill(signal: 'SIGKILL'): boolean;
  on(event: 'message', listener: (reply: unknown) => void): unknown;
  on(event: 'exit' | 'error', listener: () => void): unknown;
}

export interface ProcessInferenceOptions {
  /** Starts a process that runs `inference.child.ts`. */
  readonly start: () => InferenceProcess;
  /** Machine time. */
  readonly time: TimeBase;
  readonly loadTimeoutMs: number;
  readonly runTimeoutMs: number;
  readonly loadsPerProcess: number;
}

/** ONNX Runtime in a child process, replaced when it is late, when it dies, and after `loadsPerProcess` loads. */
export function processInference({ start, ...options }: ProcessInferenceOptions): Inference {
  return new HostInference(
    new ChildLine({
      ...options,
      fork: ({ onReply, onExit }) => {
        const child = start();
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
