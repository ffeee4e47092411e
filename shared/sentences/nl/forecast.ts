import type { ForecastForm } from '../forecast-forms.ts';

/** What the explanations of forecasts say. */
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
};
