import type { MessagePort } from 'node:worker_threads';
import type { ErrorCode } from '../../shared/outcome/catalogue.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';

/** Groups of functions as the other side of a line sees them: each answers later, and all that goes over is structured-cloneable. */
export type Remote<Service> = {
  readonly [Name in keyof Service]: Service[Name] extends (...args: infer Args) => infer Answer
    ? (...args: Args) => Promise<Awaited<Answer>>
    : Service[Name] extends object | undefined
      ? Remote<Service[Name]>
      : never;
};

/** A call: the way to the function through its groups, and what it is given. */
interface Call {
  readonly id: number;
  readonly path: readonly string[];
  readonly args: readonly unknown[];
}

/** What became of it. */
type Reply =
  | { readonly id: number; readonly stamp?: number | undefined; readonly value: unknown }
  | { readonly id: number; readonly stamp?: number | undefined; readonly refusal: Refusal }
  | { readonly id: number; readonly stamp?: number | undefined; readonly error: unknown };

/** A coded error: its class would not outlive the way to another thread. */
interface Refusal {
  readonly code: ErrorCode;
  readonly detail: string;
  readonly pointer: string | undefined;
}

type Invoke = (path: readonly string[], args: readonly unknown[]) => Promise<unknown>;

/**
 * The way between who calls and who answers: what is posted is copied, and arrives once and in order, as long as the line is not lost.
 * A line may stand again after it was lost.
 */
export interface CallLine {
  /** Throws where it cannot be copied, and LS-API-009 where it is known that it would not arrive. */
  post(message: object): void;
  onMessage(listener: (message: never) => void): void;
  /** Whether the other side got what was posted before, and has answered, nobody can say. */
  onLost(listener: () => void): void;
}

/** A line to another thread, which is lost once with the port. */
export function portLine(port: MessagePort): CallLine {
  let isClosed = false;
  port.on('close', () => (isClosed = true));
  return {
    post: (message) => {
      if (isClosed) throw new LoadstoneError('LS-API-009', 'the control room of this cloud has ended');
      port.postMessage(message, []);
    },
    onMessage: (listener) => void port.on('message', (message: unknown) => listener(message as never)),
    onLost: (listener) => void port.on('close', listener),
  };
}

/**
 * Answers the calls that come over a line by the functions of `service`, its own and those of its own groups. `stamp` says how far this side was when it answered, a
 * position in what the other side follows.
 */
export function answerCalls(line: CallLine, service: object, stamp: () => number | undefined = () => undefined): void {
  line.onMessage(({ id, path, args }: Call) => {
    void invoke(service, path, args)
      .then(
        (value) => post(line, { id, stamp: stamp(), value }),
        (error: unknown) =>
          post(line, {
            id,
            stamp: stamp(),
            ...(error instanceof LoadstoneError ? { refusal: refusalOf(error) } : { error }),
          }),
      )
      .catch((error: unknown) => post(line, { id, error }));
  });
}

/**
 * The functions that the other side of a line answers. Where its answers are stamped, one is given once `reached` is through: whoever
 * asked then sees what it changed. LS-API-017 for what is not answered when the line is lost. `waiting` holds what is not answered yet.
 */
export function callsOver<Service>(
  line: CallLine,
  reached: (stamp: number) => Promise<void> | undefined = () => undefined,
  waiting = new Map<number, PromiseWithResolvers<unknown>>(),
): Remote<Service> {
  let next = 1;
  /** What is answered, and only waits until whoever asked can see what it changed. */
  const answered = new Set<number>();
  const take = async (reply: Reply): Promise<void> => {
    const { id, stamp } = reply;
    const call = waiting.get(id);
    if (call === undefined || answered.has(id)) return;
    answered.add(id);
    if (stamp !== undefined) await reached(stamp);
    answered.delete(id);
    waiting.delete(id);
    if ('refusal' in reply) call.reject(errorOf(reply.refusal));
    else if ('error' in reply) call.reject(reply.error);
    else call.resolve(reply.value);
  };
  line.onMessage((reply: Reply) => void take(reply));
  line.onLost(() => {
    for (const [id, call] of waiting) {
      if (answered.has(id)) continue;
      waiting.delete(id);
      call.reject(new LoadstoneError('LS-API-017', 'the control room was lost before it answered'));
    }
  });
  return calls<Service>(async (path, args) => {
    const id = next++;
    const call = Promise.withResolvers<unknown>();
    line.post({ id, path, args } satisfies Call);
    waiting.set(id, call);
    return call.promise;
  });
}

/** What answers a call that was posted to a line and came to nothing. */
export const refusing = (call: object, error: LoadstoneError): object =>
  ({ id: (call as Call).id, refusal: refusalOf(error) }) satisfies Reply;

/** The functions of a service of this thread, as another one would see them: what goes over is copied, and answers come later. */
export const callsWithin = <Service extends object>(service: Service): Remote<Service> =>
  calls<Service>(async (path, args) => {
    try {
      return structuredClone(await invoke(service, path, structuredClone(args)));
    } catch (error) {
      throw error instanceof LoadstoneError ? errorOf(structuredClone(refusalOf(error))) : error;
    }
  });

/** Every path is a function until it is called; `then` is none, so that a group can be awaited. */
function calls<Service>(invokeThere: Invoke, path: readonly string[] = []): Remote<Service> {
  return new Proxy(() => undefined, {
    get: (_target, name) =>
      typeof name === 'symbol' || name === 'then' ? undefined : calls(invokeThere, [...path, name]),
    apply: (_target, _this, args: unknown[]) => invokeThere(path, args),
  }) as unknown as Remote<Service>;
}

async function invoke(service: object, path: readonly string[], args: readonly unknown[]): Promise<unknown> {
  let holder: unknown;
  let found: unknown = service;
  for (const name of path) {
    holder = found;
    // What is inherited is nobody's business at the other end: a constructor among it makes functions out of text.
    const isThere = typeof holder === 'object' && holder !== null && Object.hasOwn(holder, name);
    found = isThere ? (holder as Readonly<Record<string, unknown>>)[name] : undefined;
  }
  if (typeof found !== 'function') throw new TypeError(`there is no function ${path.join('.')}`);
  return Reflect.apply(found, holder, args);
}

const refusalOf = ({ code, message, pointer }: LoadstoneError): Refusal => ({ code, detail: message, pointer });

const errorOf = ({ code, detail, pointer }: Refusal): LoadstoneError => new LoadstoneError(code, detail, pointer);

/** Nobody waits any more where the line is lost. */
function post(line: CallLine, reply: Reply): void {
  try {
    line.post(reply);
  } catch (error) {
    if (error instanceof LoadstoneError) return;
    // What cannot be copied is a bug of ours; whoever waits hears of it.
    line.post({ id: reply.id, error: error instanceof Error ? error : new Error(String(error)) } satisfies Reply);
  }
}
