import type { ProblemAnswer } from '../../../../shared/contracts/problem.ts';

export type Answer<T> =
  | { readonly state: 'loading' }
  | { readonly state: 'good'; readonly value: T }
  | { readonly state: 'bad'; readonly problem: ProblemAnswer };

/** So many answers are kept; each is of one screen or part of it. */
const MOST = 40;
/** A span moves on with the time: it is the same question. */
const SPAN = /\b(?:start|end)=[^&]*/g;

/** What the cloud answered last to each question: while it is lost a screen shows that, as stale, and not that it waits. */
export class LastAnswers {
  readonly #good = new Map<string, Answer<unknown>>();

  keep(asked: string, answer: Answer<unknown>): void {
    if (answer.state !== 'good') return;
    const key = asked.replaceAll(SPAN, '');
    this.#good.delete(key);
    this.#good.set(key, answer);
    const [oldest] = this.#good.keys();
    if (this.#good.size > MOST && oldest !== undefined) this.#good.delete(oldest);
  }

  /** The answer, or the last good one where the cloud has given none now. A refusal is an answer. */
  insteadOf<T>(asked: string, answer: Answer<T>): Answer<T> {
    const isAnswered = answer.state === 'good' || (answer.state === 'bad' && answer.problem.status !== 0);
    if (isAnswered) return answer;
    return (this.#good.get(asked.replaceAll(SPAN, '')) as Answer<T> | undefined) ?? answer;
  }
}
