import type { MessagePort } from 'node:worker_threads';
import type { ErrorCode } from '../../shared/outcome/catalogue.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';

/** Groups of functions as another thread sees them: each answers later, and all that goes over is structured-cloneable. */
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
 * Answers the calls that come over a port by the functions of `service`. `stamp` says how far this side was when it answered, a
 * position in what the other side follows.
 */
export function answerCalls(
  port: MessagePort,
  service: object,
  stamp: () => number | undefined = () => undefined,
): void {
  port.on('message', ({ id, path, args }: Call) => {
    void invoke(service, path, args)
      .then(
        (value) => post(port, { id, stamp: stamp(), value }),
        (error: unknown) =>
          post(port, {
            id,
            stamp: stamp(),
            ...(error instanceof LoadstoneError ? { refusal: refusalOf(error) } : { error }),
          }),
      )
      .catch((error: unknown) => post(port, { id, error }));
  });
}

/**
 * The functions that another thread answers over a port. Where its answers are stamped, one is given once `reached` is through: whoever
 * asked then sees what it changed. LS-API-009 for what is not answered when the port closes.
 * `waiting` holds what is not answered yet.
 */
export function callsOver<Service>(
  port: MessagePort,
  reached: (stamp: number) => Promise<void> | undefined = () => undefined,
  waiting = new Map<number, PromiseWithResolvers<unknown>>(),
): Remote<Service> {
  let next = 1;
  let isClosed = false;
  const take = async (reply: Reply): Promise<void> => {
    if (reply.stamp !== undefined) await reached(reply.stamp);
    const call = waiting.get(reply.id);
    waiting.delete(reply.id);
    if (call === undefined) return;
    if ('refusal' in reply) call.reject(errorOf(reply.refusal));
    else if ('error' in reply) call.reject(reply.error);
    else call.resolve(reply.value);
  };
  port.on('message', (reply: Reply) => void take(reply));
  const gone = (): LoadstoneError => new LoadstoneError('LS-API-009', 'the control room of this cloud has ended');
  port.on('close', () => {
    isClosed = true;
    for (const call of waiting.values()) call.reject(gone());
    waiting.clear();
  });
  return calls<Service>(async (path, args) => {
    if (isClosed) throw gone();
    const id = next++;
    const call = Promise.withResolvers<unknown>();
    port.postMessage({ id, path, args } satisfies Call, []);
    waiting.set(id, call);
    return call.promise;
  });
}

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
    found = (holder as Readonly<Record<string, unknown>> | undefined)?.[name];
  }
  if (typeof found !== 'function') throw new TypeError(`there is no function ${path.join('.')}`);
  return Reflect.apply(found, holder, args);
}

const refusalOf = ({ code, message, pointer }: LoadstoneError): Refusal => ({ code, detail: message, pointer });

const errorOf = ({ code, detail, pointer }: Refusal): LoadstoneError => new LoadstoneError(code, detail, pointer);

function post(port: MessagePort, reply: Reply): void {
  try {
    port.postMessage(reply, []);
  } catch (error) {
    // What cannot be copied is a bug of ours; whoever waits hears of it.
    port.postMessage({ id: reply.id, error: error instanceof Error ? error : new Error(String(error)) }, []);
  }
}
