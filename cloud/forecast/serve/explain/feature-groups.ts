/** Groups of an explanation; features with the same meaning count as one. */
export const GROUPS = ['recentLoad', 'pastDays', 'calendar', 'sun', 'wind', 'temperature'] as const;
export type FeatureGroup = (typeof GROUPS)[number];

const PAST_DAYS = /^(day|week1|mean7$|spread7$|freeSwap$)/;
const CALENDAR = /^(sin|cos|year|free|holiday$|bridge$|\w+day$)/;

/** The group of a column of the feature contract: see shared/forecast/FEATURES.md. Its step (`@12`) is ignored. */
export function groupOfFeature(column: string): FeatureGroup {
  const [name = ''] = column.split('@');
  if (name.startsWith('ghi') || name.startsWith('clear')) return 'sun';
  if (name.startsWith('turbine') || name.startsWith('wind')) return 'wind';
  if (/^(temperature|heating|cooling)/.test(name)) return 'temperature';
  if (PAST_DAYS.test(name)) return 'pastDays';
  return CALENDAR.test(name) ? 'calendar' : 'recentLoad';
}
