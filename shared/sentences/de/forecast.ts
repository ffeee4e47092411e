import type { ForecastForm } from '../forecast-forms.ts';

/** Explanations of forecasts, in German. */
export const forecastWords: Readonly<Record<ForecastForm, string>> = {
  'Over the next day on average: {power} kW, as usual.': 'Im Mittel über den nächsten Tag: {power} kW, wie üblich.',
  'Over the next day on average: {power} kW; {usual} kW with the inputs of the last seven days, {parts}.':
    'Im Mittel über den nächsten Tag: {power} kW; {usual} kW mit den Eingaben der letzten sieben Tage, {parts}.',
  'Most unusual at {clock}: {power} kW, as usual.': 'Am ungewöhnlichsten am {clock}: {power} kW, wie üblich.',
  'Most unusual at {clock}: {power} kW; {usual} kW with the inputs of the last seven days, {parts}.':
    'Am ungewöhnlichsten am {clock}: {power} kW; {usual} kW mit den Eingaben der letzten sieben Tage, {parts}.',
  '{power} kW by {part}': '{power} kW durch {part}',
  '{parts}, {part}': '{parts}, {part}',
  '{parts} and {part}': '{parts} und {part}',
  'what the load has just done': 'das, was die Last gerade getan hat',
  'the load at this time on the days before': 'die Last zu dieser Zeit an den Tagen davor',
  'the kind of day': 'die Art des Tages',
  'the sun': 'die Sonne',
  'the wind': 'den Wind',
  'the temperature': 'die Temperatur',
  'what the parts say, what past errors have taught and what has come in since':
    'das, was die Teile sagen, was frühere Fehler gelehrt haben und was seither gemessen wurde',
  '{code}: {why}': '{code}: {why}',
  'only {share} % of the last week was measured': 'nur {share} % der letzten Woche wurden gemessen',
  "only {share} % of the last week's inputs were there": 'nur {share} % der Eingaben der letzten Woche waren da',
  '{model} has expired': '{model} ist abgelaufen',
  '{model} needs the weather, and there is none': '{model} braucht das Wetter, und es gibt keines',
  '{model} needs the temperature, and there is none': '{model} braucht die Temperatur, und es gibt keine',
  '{model} needs the weather ahead, and what is known of it ends too soon':
    '{model} braucht das kommende Wetter, und was davon bekannt ist, endet zu früh',
  'the model left its range of {least} to {most} kW': 'das Modell verließ seinen Bereich von {least} bis {most} kW',
  'no model has been trained yet': 'es wurde noch kein Modell trainiert',
  '{place}: {why}': '{place}: {why}',
  'meter {device} counts with the wrong sign and is turned':
    'Zähler {device} zählt mit falschem Vorzeichen und wird gedreht',
  'meter {device} is dead, the sum of the feeder heads stands in':
    'Zähler {device} ist tot, die Summe der Abgangsfelder springt ein',
  'no meter measures the whole, the sum of the feeder heads stands in':
    'kein Zähler misst das Ganze, die Summe der Abgangsfelder springt ein',
  'meter {device} is dead': 'Zähler {device} ist tot',
  '{one}; {other}': '{one}; {other}',
  'the sum of its parts answers: {why}': 'die Summe der Teile antwortet: {why}',
};
