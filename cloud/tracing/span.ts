import { createHash } from 'node:crypto';

/** A step that has ended. Its trace and its id are hashes of what it is about, so that two clouds name the same step alike. */
export interface Span {
  /** What the trace is about, such as `frame owd-01 measurements 7 1200`. */
  readonly of: string;
  readonly name: string;
  /** Which of those of its name in the trace; absent: it is the only one. */
  readonly nth?: number;
  /** Name of the step that it is part of; absent: it is the whole. */
  readonly within?: string;
  /** ms UTC. */
  readonly start: number;
  readonly end: number;
  readonly attributes: Readonly<Record<string, string | number>>;
  /** Why it came to nothing. */
  readonly fault?: string | undefined;
}

/** Takes a span; never throws, never waits. */
export type Tell = (span: Span) => void;

const hash = (text: string, length: number): string => createHash('sha256').update(text).digest('hex').slice(0, length);

/** As the W3C has it: 16 bytes, 8 bytes, in hex. */
export const traceId = (of: string): string => hash(of, 32);
export const spanId = (of: string, name: string): string => hash(`${of} ${name}`, 16);
