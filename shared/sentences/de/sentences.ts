import type { SentenceWords } from '../sentences.ts';
import { estimateWords } from './estimate.ts';
import { forecastWords } from './forecast.ts';
import { planWords } from './plan.ts';

/** Sentences of plans, estimates and forecasts, in German. */
export const sentences: SentenceWords = { ...planWords, ...forecastWords, ...estimateWords };
