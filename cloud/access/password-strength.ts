import { adjacencyGraphs, dictionary as common } from '@zxcvbn-ts/language-common';
import { dictionary as english, translations } from '@zxcvbn-ts/language-en';
import { ZxcvbnFactory } from '@zxcvbn-ts/core';

/** On zxcvbn's scale from 0 to 4: 10^8 guesses or more. */
const LEAST_SCORE = 3;
/** Longer passwords are judged by their beginning, to bound the work. */
const JUDGED_CHARS = 64;
const BETTER = 'Take four or more words that do not belong together';

const judge = new ZxcvbnFactory({
  dictionary: { ...common, ...english },
  graphs: adjacencyGraphs,
  translations,
  maxLength: JUDGED_CHARS,
});

/** Why a password is easy to guess and what would be better; undefined if it is strong enough. `words`: what an attacker tries first. */
export function weaknessOf(password: string, words: readonly string[]): string | undefined {
  const { score, feedback } = judge.check(password.slice(0, JUDGED_CHARS), [...words]);
  if (score >= LEAST_SCORE) return undefined;
  const why = feedback.warning ?? 'It consists of few or well-known parts.';
  return `${why} ${BETTER}.`;
}
