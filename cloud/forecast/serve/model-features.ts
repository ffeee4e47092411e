import type { ModelManifest } from '../../../shared/contracts/model.ts';
import type { LocalCalendar } from '../../../shared/forecast/calendar.ts';
import { FeatureSource, schemaOf, type FeatureSchema } from '../../../shared/forecast/features.ts';
import type { TargetInputs } from './target-inputs.ts';

type Known = Pick<TargetInputs, 'load' | 'weather'>;

/** What a model is fed with from these inputs; undefined where it needs weather that is not there. */
export function featuresOf(
  model: Pick<ModelManifest, 'featureVersion' | 'features' | 'steps' | 'stepS' | 'weather'>,
  { load, weather }: Known,
  calendar: LocalCalendar,
): FeatureSource | undefined {
  const schema = schemaOf(model);
  if (schema === undefined || !suffices(schema, weather)) return undefined;
  return new FeatureSource(schema, load, calendar, needsWeather(schema) ? (weather ?? undefined) : undefined);
}

export const needsWeather = ({ weather, temperature }: FeatureSchema): boolean => weather || temperature === true;

/** Whether a weather has the quantities that a schema asks for. */
export const suffices = (schema: FeatureSchema, weather: Known['weather']): boolean =>
  !needsWeather(schema) ||
  (weather !== null &&
    (schema.temperature !== true || weather.temperature?.some((value) => !Number.isNaN(value)) === true));
