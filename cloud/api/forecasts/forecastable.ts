import { LoadstoneError } from '../../../shared/outcome/outcome.ts';
import { isSum, membersOf } from '../../planner/inputs/sum-target.ts';
import type { ApiDeps } from '../deps.ts';

/** Throws LS-API-007 for a device, or a sum with one: they have no forecasts. */
export function assertForecast(target: string): void {
  if ((membersOf(target) ?? [target]).some((part) => part.startsWith('device:')))
    throw new LoadstoneError('LS-API-007', 'only substations, feeders and regions have forecasts', '/body/target');
}

/** Throws LS-MODEL-002 for a model that is unknown or belongs to another target, and LS-API-007 for a model of a sum. */
export async function assertModelOf(
  models: Pick<ApiDeps['models'], 'get'>,
  target: string,
  { model, pointer }: { readonly model: string; readonly pointer: string },
): Promise<void> {
  if (model === 'active' || (await models.get(model))?.manifest.target === target) return;
  if (isSum(target))
    throw new LoadstoneError(
      'LS-API-007',
      'a sum has no model of its own: use active, which combines the models of its members',
      pointer,
    );
  throw new LoadstoneError('LS-MODEL-002', `there is no model "${model}" of ${target}`, pointer);
}
