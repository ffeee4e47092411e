/** Naive forecasters by their names in a backtest request. */
export const NAIVE = {
  'baseline:seasonal-naive-24': 'seasonalNaive',
  'baseline:seasonal-naive-168': 'seasonalNaiveWeek',
  'baseline:same-hour-mean-7': 'sameHourMean',
} as const;
export type NaiveName = keyof typeof NAIVE;

export const isNaive = (model: string): model is NaiveName => Object.hasOwn(NAIVE, model);
