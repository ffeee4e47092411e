import type { SentenceWords } from '../sentences.ts';
import { estimateWords } from './estimate.ts';
import { forecastWords } from './forecast.ts';
import { planWords } from './plan.ts';

/** Dutch of what plans, estimates and forecasts say. */
export const sentences: SentenceWords = { ...planWords, ...forecastWords, ...estimateWords };
