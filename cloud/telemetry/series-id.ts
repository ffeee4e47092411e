import type { SeriesKey } from './store.ts';

export const seriesId = (key: SeriesKey): string => `${key.gateway}\n${key.device}\n${key.metric}`;
