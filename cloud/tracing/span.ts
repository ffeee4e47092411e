import { createHash } from 'node:crypto';

/** A completed step. Trace id and span id are hashes of its subject, so that two clouds name the same step alike. */
export interface Span {
  /** The subject of the trace, such as `frame owd-01 measurements 7 1200`. */
  readonly of: string;
  readonly name: string;
  /** Number among the steps of the same name in the trace; absent: it is the only one. */
  readonly nth?: number;
  /** Name of the step that contains it; absent: it is the root. */
  readonly within?: string;
  /** ms UTC. */
  readonly start: number;
  readonly end: number;
  readonly attributes: Readonly<Record<string, string | number>>;
  /** Why it failed. */
  readonly fault?: string | undefined;
}

/** Takes a span; never throws or blocks. */
export type Tell = (span: Span) => void;

const hash = (text: string, length: number): string => createHash('sha256').update(text).digest('hex').slice(0, length);

/** Ids as the W3C defines them: 16 and 8 bytes, in hex. */
export const traceId = (of: string): string => hash(of, 32);
export const spanId = (of: string, name: string): string => hash(`${of} ${name}`, 16);
