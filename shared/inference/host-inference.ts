import { bad, good, type Outcome } from '../outcome/outcome.ts';
import type { Inference, ModelOutput, RunCause, RunOutcome } from '../ports/inference.ts';
import { refused } from '../sentences/refused.ts';
import { formatMessage } from '../sentences/message-forms.ts';
import { LACKS_PROVIDER } from './execution-provider.ts';
import type { InferenceReply, InferenceRequest } from './session-host.ts';

type RequestBody<Each = InferenceRequest> = Each extends unknown ? Omit<Each, 'id'> : never;

/** Carries requests to a session host: a child process, or the host itself. Undefined: no reply came (timeout or death). */
export interface HostLine {
  ask(request: InferenceRequest): Promise<InferenceReply | undefined>;
  close(): Promise<void>;
}

/** Error for a model whose process was killed for its memory. */
export const TOO_MUCH_MEMORY = 'it takes too much memory';
/** Matches that error, and what the runtime reports when an allocation fails. */
const NO_MEMORY = new RegExp(`bad_alloc|failed to allocate|bad allocation|${TOO_MUCH_MEMORY}`, 'i');

const failed = (cause: RunCause, detail: string): RunOutcome => ({
  ok: false,
  fault: { ...bad('LS-FORECAST-003', detail).fault, cause },
});

/** The Inference port over a session host, in this process or another. */
export class HostInference implements Inference {
  readonly #line: HostLine;
  #next = 1;

  constructor(line: HostLine) {
    this.#line = line;
  }

  async load(name: string, bytes: Uint8Array): Promise<Outcome<{ readonly ms: number }>> {
    const reply = await this.#ask({ kind: 'load', name, bytes });
    if (reply === undefined) return refused('LS-MODEL-001', 'model {model} did not load in time', { model: name });
    if (!reply.ok) {
      if (LACKS_PROVIDER.test(reply.detail)) return bad('LS-CONFIG-005', reply.detail);
      const code = NO_MEMORY.test(reply.detail) ? 'LS-MODEL-009' : 'LS-MODEL-001';
      return refused(code, 'model {model} does not load: {error}', { model: name, error: reply.detail });
    }
    return good({ ms: reply.ms });
  }

  async run(name: string, rows: Float32Array, batch: number, output: ModelOutput = 'answer'): Promise<RunOutcome> {
    const reply = await this.#ask({ kind: 'run', name, rows, batch, output });
    if (reply === undefined) return failed('noAnswer', formatMessage('any', 'model {model} is late', { model: name }));
    if (!reply.ok)
      return failed(
        NO_MEMORY.test(reply.detail) ? 'noMemory' : 'failed',
        formatMessage('any', 'model {model} failed: {error}', { model: name, error: reply.detail }),
      );
    if (reply.output === null || reply.output.some((value) => !Number.isFinite(value)))
      return failed(
        'notFinite',
        formatMessage('any', 'model {model} gave a value that is not finite', { model: name }),
      );
    return good({ output: reply.output, ms: reply.ms });
  }

  async unload(name: string): Promise<void> {
    await this.#ask({ kind: 'unload', name });
  }

  close(): Promise<void> {
    return this.#line.close();
  }

  #ask(body: RequestBody): Promise<InferenceReply | undefined> {
    return this.#line.ask({ ...body, id: this.#next++ });
  }
}
