import type { ForecastForm } from '../forecast-forms.ts';

/** Explanations of forecasts, in Dutch. */
export const forecastWords: Readonly<Record<ForecastForm, string>> = {
  'Over the next day on average: {power} kW, as usual.': 'Gemiddeld over de komende dag: {power} kW, zoals gewoonlijk.',
  'Over the next day on average: {power} kW; {usual} kW with the inputs of the last seven days, {parts}.':
    'Gemiddeld over de komende dag: {power} kW; {usual} kW met de invoer van de laatste zeven dagen, {parts}.',
  'Most unusual at {clock}: {power} kW, as usual.': 'Ongewoonst op {clock}: {power} kW, zoals gewoonlijk.',
  'Most unusual at {clock}: {power} kW; {usual} kW with the inputs of the last seven days, {parts}.':
    'Ongewoonst op {clock}: {power} kW; {usual} kW met de invoer van de laatste zeven dagen, {parts}.',
  '{power} kW by {part}': '{power} kW door {part}',
  '{parts}, {part}': '{parts}, {part}',
  '{parts} and {part}': '{parts} en {part}',
  'what the load has just done': 'wat de belasting zojuist deed',
  'the load at this time on the days before': 'de belasting op dit tijdstip op de dagen ervoor',
  'the kind of day': 'het soort dag',
  'the sun': 'de zon',
  'the wind': 'de wind',
  'the temperature': 'de temperatuur',
  'what the parts say, what past errors have taught and what has come in since':
    'wat de delen zeggen, wat eerdere fouten hebben geleerd en wat sindsdien is gemeten',
  '{code}: {why}': '{code}: {why}',
  'only {share} % of the last week was measured': 'slechts {share} % van de laatste week is gemeten',
  "only {share} % of the last week's inputs were there": 'slechts {share} % van de invoer van de laatste week was er',
  '{model} has expired': '{model} is verlopen',
  '{model} needs the weather, and there is none': '{model} heeft het weer nodig, en dat is er niet',
  '{model} needs the temperature, and there is none': '{model} heeft de temperatuur nodig, en die is er niet',
  '{model} needs the weather ahead, and what is known of it ends too soon':
    '{model} heeft het komende weer nodig, en wat daarvan bekend is, eindigt te vroeg',
  'the model left its range of {least} to {most} kW': 'het model verliet zijn bereik van {least} tot {most} kW',
  'no model has been trained yet': 'er is nog geen model getraind',
  '{place}: {why}': '{place}: {why}',
  'meter {device} counts with the wrong sign and is turned':
    'meter {device} telt met het verkeerde teken en wordt omgedraaid',
  'meter {device} is dead, the sum of the feeder heads stands in':
    'meter {device} is dood, de som van de afgangsvelden neemt het over',
  'no meter measures the whole, the sum of the feeder heads stands in':
    'geen meter meet het geheel, de som van de afgangsvelden neemt het over',
  'meter {device} is dead': 'meter {device} is dood',
  '{one}; {other}': '{one}; {other}',
  'the sum of its parts answers: {why}': 'de som van de delen antwoordt: {why}',
};
