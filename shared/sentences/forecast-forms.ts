import { teller, type FormOf } from './said.ts';

/** All sentences of the explanation of a forecast, by code. */
export const forecastForms = {
  'forecast.mean': [
    'Over the next day on average: {power} kW, as usual.',
    'Over the next day on average: {power} kW; {usual} kW with the inputs of the last seven days, {parts}.',
  ],
  'forecast.unusual': [
    'Most unusual at {clock}: {power} kW, as usual.',
    'Most unusual at {clock}: {power} kW; {usual} kW with the inputs of the last seven days, {parts}.',
  ],
  'forecast.part': ['{power} kW by {part}'],
  'forecast.list': ['{parts}, {part}', '{parts} and {part}'],
  'forecast.cause': [
    'what the load has just done',
    'the load at this time on the days before',
    'the kind of day',
    'the sun',
    'the wind',
    'the temperature',
    'what the parts say, what past errors have taught and what has come in since',
  ],
  // Why a fallback replaces the model, and warnings of a forecast.
  'forecast.fallback': ['{code}: {why}'],
  'forecast.inputs': [
    'only {share} % of the last week was measured',
    "only {share} % of the last week's inputs were there",
  ],
  'forecast.model': [
    '{model} has expired',
    '{model} needs the weather, and there is none',
    '{model} needs the temperature, and there is none',
    '{model} needs the weather ahead, and what is known of it ends too soon',
    'the model left its range of {least} to {most} kW',
    'no model has been trained yet',
  ],
  'forecast.meter': [
    '{place}: {why}',
    'meter {device} counts with the wrong sign and is turned',
    'meter {device} is dead, the sum of the feeder heads stands in',
    'no meter measures the whole, the sum of the feeder heads stands in',
    'meter {device} is dead',
    '{one}; {other}',
  ],
  'forecast.parts': ['the sum of its parts answers: {why}'],
} as const;

export type ForecastForm = FormOf<typeof forecastForms>;

export const sayForecast = teller(forecastForms);
