import type { ProblemAnswer } from '../../../../shared/contracts/problem.ts';

export type Answer<T> =
  | { readonly state: 'loading' }
  | { readonly state: 'good'; readonly value: T }
  | { readonly state: 'bad'; readonly problem: ProblemAnswer };

/** Maximum number of kept answers, each for a screen or a part of one. All screens together ask about 50 questions. */
export const MOST = 150;
const SPAN = /\b(?:start|end|from|to)=[^&]*/g;
/**
 * Two spans belong to the same question if they are about equally long or share most of their time; otherwise the reader chose another
 * span.
 */
const MOST_LONGER = 1.01;
const LEAST_SHARED = 0.5;

interface Span {
  readonly start: number;
  readonly end: number;
}

function spanOf(asked: string): Span | undefined {
  const query = new URLSearchParams(asked.slice(asked.indexOf('?') + 1));
  const start = Date.parse(query.get('start') ?? query.get('from') ?? '');
  const end = Date.parse(query.get('end') ?? query.get('to') ?? '');
  return start < end ? { start, end } : undefined;
}

function isSameSpan(one: Span, other: Span): boolean {
  const [shorter, longer] = [one.end - one.start, other.end - other.start].toSorted((a, b) => a - b);
  if (longer! <= MOST_LONGER * shorter!) return true;
  const shared = Math.min(one.end, other.end) - Math.max(one.start, other.start);
  return shared >= LEAST_SHARED * longer!;
}

/** True if two paths are the same question; a span may have moved or grown with time. */
export function isSameQuestion(one: string, other: string): boolean {
  if (one === other) return true;
  if (one.replaceAll(SPAN, '') !== other.replaceAll(SPAN, '')) return false;
  const spans = [spanOf(one), spanOf(other)];
  return spans[0] !== undefined && spans[1] !== undefined && isSameSpan(spans[0], spans[1]);
}

/** True if the cloud was away or too busy to answer. A refusal is an answer. */
export const isUnanswered = <T>(answer: Answer<T>): boolean =>
  answer.state === 'bad' &&
  (answer.problem.status === 0 || answer.problem.status === 429 || answer.problem.status >= 500);

/** The last good answer to each question. While the cloud is lost, screens show it as stale instead of waiting. */
export class LastAnswers {
  readonly #good = new Map<string, Answer<unknown>>();

  keep(asked: string, answer: Answer<unknown>): void {
    if (answer.state !== 'good') return;
    const before = this.#like(asked);
    if (before !== undefined) this.#good.delete(before);
    this.#good.set(asked, answer);
    const [oldest] = this.#good.keys();
    if (this.#good.size > MOST && oldest !== undefined) this.#good.delete(oldest);
  }

  /** Returns the answer, or the last good one if the cloud did not answer. */
  insteadOf<T>(asked: string, answer: Answer<T>): Answer<T> {
    const before = answer.state === 'loading' || isUnanswered(answer) ? this.#like(asked) : undefined;
    return before === undefined ? answer : (this.#good.get(before) as Answer<T>);
  }

  #like(asked: string): string | undefined {
    return [...this.#good.keys()].findLast((each) => isSameQuestion(each, asked));
  }
}
