import { sayer } from './said.ts';

/** All that the explanation of a forecast says. */
export const forecastForms = [
  'Over the next day on average: {power} kW, as usual.',
  'Over the next day on average: {power} kW; {usual} kW with the inputs of the last seven days, {parts}.',
  'Most unusual at {clock}: {power} kW, as usual.',
  'Most unusual at {clock}: {power} kW; {usual} kW with the inputs of the last seven days, {parts}.',
  '{power} kW by {part}',
  '{parts}, {part}',
  '{parts} and {part}',
  'what the load has just done',
  'the load at this time on the days before',
  'the kind of day',
  'the sun',
  'the wind',
  'the temperature',
  'what the parts say, what past errors have taught and what has come in since',
] as const;

export type ForecastForm = (typeof forecastForms)[number];

export const sayForecast = sayer(forecastForms);
