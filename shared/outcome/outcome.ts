import { catalogue, type ErrorCode } from './catalogue.ts';
import { messageOf } from './message-of.ts';

/** What went wrong, in a form that logs, events and HTTP answers share. */
export interface Fault {
  readonly code: ErrorCode;
  /** One sentence with the particulars: which key, which bus, which value. */
  readonly detail: string;
  /** JSON pointer into the input, if there is one. */
  readonly pointer?: string;
}

/** Expected failures are results. An exception is a bug of ours, or a LoadstoneError where code must throw. */
export type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly fault: Fault };

export const good = <T>(value: T): Outcome<T> => ({ ok: true, value });

export const bad = (code: ErrorCode, detail: string, pointer?: string): { ok: false; fault: Fault } => ({
  ok: false,
  fault: pointer === undefined ? { code, detail } : { code, detail, pointer },
});

/** A coded error for code that must throw (CLI, HTTP handlers, start-up). */
export class LoadstoneError extends Error {
  readonly code: ErrorCode;
  readonly pointer: string | undefined;

  constructor(code: ErrorCode, detail: string, pointer?: string) {
    super(detail);
    this.name = 'LoadstoneError';
    this.code = code;
    this.pointer = pointer;
  }

  get status(): number {
    return catalogue[this.code].status;
  }

  get remedy(): string {
    return catalogue[this.code].remedy;
  }

  static from(fault: Fault): LoadstoneError {
    return new LoadstoneError(fault.code, fault.detail, fault.pointer);
  }
}

/** Returns the value of an outcome, or throws its fault as a LoadstoneError. */
export function unwrap<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) throw LoadstoneError.from(outcome.fault);
  return outcome.value;
}

/** Runs `read` on the content of a file. Adds the file's name to a LoadstoneError that does not mention it yet. */
export function inFile<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof LoadstoneError) || error.message.includes(file)) throw error;
    throw new LoadstoneError(error.code, `${file}: ${error.message}`, error.pointer);
  }
}

/**
 * Throws what tasks failed with: one error as it is, several of one code as one of that code, others together. Of those with one message
 * only the first counts.
 */
export function throwAll(failures: readonly unknown[]): void {
  const byMessage = new Map<string, unknown>();
  for (const failure of failures) {
    const message = messageOf(failure);
    if (!byMessage.has(message)) byMessage.set(message, failure);
  }
  const [first, ...more] = byMessage.values();
  if (first === undefined) return;
  if (more.length === 0) throw first;
  const text = [...byMessage.keys()].join('; ');
  const isOfOneCode = first instanceof LoadstoneError && more.every((each) => isCoded(each, first.code));
  throw isOfOneCode ? new LoadstoneError(first.code, text) : new AggregateError([first, ...more], text);
}

const isCoded = (error: unknown, code: ErrorCode): boolean => error instanceof LoadstoneError && error.code === code;
