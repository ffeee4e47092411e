import type { Sentence } from '../contracts/sentence.ts';
import type { Speech } from './event-forms.ts';
import { estimateForms, type EstimateForm } from './estimate-forms.ts';
import { forecastForms, type ForecastForm } from './forecast-forms.ts';
import { planForms, type PlanForm } from './plan-forms.ts';
import { filled, type FormTable } from './said.ts';

/** All sentences that come with their code and values in an answer. */
export const sentenceForms = { ...planForms, ...estimateForms, ...forecastForms } as const;
/** All these sentences in a language. A language that lacks one does not compile. */
export type SentenceWords = Readonly<Record<PlanForm | EstimateForm | ForecastForm, string>>;

/** Deepest nesting of sentences. */
const MOST_DEPTH = 12;

/**
 * A text of an answer in the reader's language: by the sentence of the list with that text, and likewise for each of its values. A text
 * that is not on the list, as from another version of the cloud or from storage, is shown unchanged.
 */
export function sentenceText(text: string, sentences: readonly Sentence[], speech: Speech): string {
  return said(text, { known: byText(sentences), speech }, MOST_DEPTH);
}

interface Telling {
  readonly known: ReadonlyMap<string, Sentence>;
  readonly speech: Speech;
}

function said(text: string, telling: Telling, depth: number): string {
  const { speech } = telling;
  const sentence = depth > 0 ? telling.known.get(text) : undefined;
  const form = sentence && formOf(sentence);
  if (form === undefined) return NUMBER.test(text) ? speech.number(text) : speech.time(wordOf(speech, text));
  return filled(wordOf(speech, form), (name) => said(valueOf(sentence!, name), telling, depth - 1));
}

/** The form whose English, filled with the sentence's values, equals its text, or begins with the text if that was cut. */
function formOf(sentence: Sentence): string | undefined {
  const { code, text } = sentence;
  const forms = Object.hasOwn(sentenceForms, code) ? (sentenceForms as FormTable)[code]! : [];
  const start = text.endsWith('…') ? text.slice(0, -1) : undefined;
  return forms.find((form) => {
    const english = filled(form, (name) => valueOf(sentence, name));
    return english === text || (start !== undefined && english.startsWith(start));
  });
}

const valueOf = ({ parameters = {} }: Sentence, name: string): string =>
  Object.hasOwn(parameters, name) ? String(parameters[name]) : '';

const wordOf = ({ own = {} }: Speech, english: string): string =>
  Object.hasOwn(own, english) ? own[english]! : english;

const NUMBER = /^[-+]?\d+(\.\d+)?$/;

/** Indexes of lists by text, cached because drawing a plan takes hundreds of lookups. */
const orders = new WeakMap<readonly Sentence[], ReadonlyMap<string, Sentence>>();

function byText(sentences: readonly Sentence[]): ReadonlyMap<string, Sentence> {
  const known = orders.get(sentences);
  if (known !== undefined) return known;
  const order = new Map(sentences.map((each) => [each.text, each]));
  orders.set(sentences, order);
  return order;
}
