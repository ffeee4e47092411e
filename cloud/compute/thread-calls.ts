import type { MessagePort } from 'node:worker_threads';
import type { ErrorCode } from '../../shared/outcome/catalogue.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';

/** Groups of functions as the other side of a line sees them: each returns a promise, and everything passed is structured-cloneable. */
export type Remote<Service> = {
  readonly [Name in keyof Service]: Service[Name] extends (...args: infer Args) => infer Answer
    ? (...args: Args) => Promise<Awaited<Answer>>
    : Service[Name] extends object | undefined
      ? Remote<Service[Name]>
      : never;
};

/** A call: the path to the function through its groups, and the arguments. */
interface Call {
  readonly id: number;
  readonly path: readonly string[];
  readonly args: readonly unknown[];
}

/** The result of a call. */
type Reply =
  | { readonly id: number; readonly stamp?: number | undefined; readonly value: unknown }
  | { readonly id: number; readonly stamp?: number | undefined; readonly refusal: Refusal }
  | { readonly id: number; readonly stamp?: number | undefined; readonly error: unknown };

/** A coded error as data: its class would not survive the transfer to another thread. */
interface Refusal {
  readonly code: ErrorCode;
  readonly detail: string;
  readonly pointer: string | undefined;
}

type Invoke = (path: readonly string[], args: readonly unknown[]) => Promise<unknown>;

/**
 * The transport between caller and callee: a posted message is copied and arrives once and in order, unless the line is lost. A line may
 * recover after a loss.
 */
export interface CallLine {
  /** Throws if the message cannot be cloned, and LS-API-009 if it certainly would not arrive. */
  post(message: object): void;
  onMessage(listener: (message: never) => void): void;
  /** The line was lost: whether earlier messages arrived and were answered is unknown. */
  onLost(listener: () => void): void;
}

/** A line to another thread; it is lost, for good, when the port closes. */
export function portLine(port: MessagePort): CallLine {
  let isClosed = false;
  port.on('close', () => (isClosed = true));
  return {
    post: (message) => {
      if (isClosed) throw new LoadstoneError('LS-API-009', 'the main thread of this cloud has ended');
      port.postMessage(message, []);
    },
    onMessage: (listener) => void port.on('message', (message: unknown) => listener(message as never)),
    onLost: (listener) => void port.on('close', listener),
  };
}

/**
 * Answers the calls that arrive on a line with the functions of `service`, its own and those of its own groups. `stamp` returns this side's
 * position, at the time of the answer, in the feed that the other side follows.
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
 * The functions that the other side of a line answers. If answers are stamped, each is passed on once `reached` resolves, so that the
 * caller sees the effect of its call. Calls without an answer fail with LS-API-017 when the line is lost. `waiting` holds these calls.
 */
export function callsOver<Service>(
  line: CallLine,
  reached: (stamp: number) => Promise<void> | undefined = () => undefined,
  waiting = new Map<number, PromiseWithResolvers<unknown>>(),
): Remote<Service> {
  let next = 1;
  /** Calls that have an answer and only wait until the caller can see its effect. */
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
      call.reject(new LoadstoneError('LS-API-017', 'the connection to the owner was lost before it answered'));
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

/** The reply to a posted call that cannot be carried out. */
export const refusing = (call: object, error: LoadstoneError): object =>
  ({ id: (call as Call).id, refusal: refusalOf(error) }) satisfies Reply;

/** The functions of a service of this thread as another thread would see them: values are copied, and results are promises. */
export const callsWithin = <Service extends object>(service: Service): Remote<Service> =>
  calls<Service>(async (path, args) => {
    try {
      return structuredClone(await invoke(service, path, structuredClone(args)));
    } catch (error) {
      throw error instanceof LoadstoneError ? errorOf(structuredClone(refusalOf(error))) : error;
    }
  });

/** Every path is a function until it is called; `then` is not, so that a group can be awaited. */
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
    // Inherited names are not exposed: a constructor among them could make functions out of text.
    const isThere = typeof holder === 'object' && holder !== null && Object.hasOwn(holder, name);
    found = isThere ? (holder as Readonly<Record<string, unknown>>)[name] : undefined;
  }
  if (typeof found !== 'function') throw new TypeError(`there is no function ${path.join('.')}`);
  return Reflect.apply(found, holder, args);
}

const refusalOf = ({ code, message, pointer }: LoadstoneError): Refusal => ({ code, detail: message, pointer });

const errorOf = ({ code, detail, pointer }: Refusal): LoadstoneError => new LoadstoneError(code, detail, pointer);

/** Posts a reply. On a lost line no caller waits for it. */
function post(line: CallLine, reply: Reply): void {
  try {
    line.post(reply);
  } catch (error) {
    if (error instanceof LoadstoneError) return;
    // A value that cannot be cloned is a bug; the caller gets the error.
    line.post({ id: reply.id, error: error instanceof Error ? error : new Error(String(error)) } satisfies Reply);
  }
}
