import { LoadstoneError } from '../../../shared/outcome/outcome.ts';
import { isSum, membersOf } from '../../planner/sum-target.ts';
import type { ApiDeps } from '../deps.ts';

/** Throws for a target, or a sum with a member, of which no forecasts are made. */
export function assertForecast(target: string): void {
  if ((membersOf(target) ?? [target]).some((part) => part.startsWith('device:')))
    throw new LoadstoneError('LS-API-007', 'forecasts are of substations, feeders and regions', '/body/target');
}

/** Throws for the id of a model that is not in the registry, or is of another target. */
export async function assertModelOf(
  models: Pick<ApiDeps['models'], 'get'>,
  target: string,
  { model, pointer }: { readonly model: string; readonly pointer: string },
): Promise<void> {
  if (model === 'active' || (await models.get(model))?.manifest.target === target) return;
  if (isSum(target))
    throw new LoadstoneError('LS-API-007', 'a sum has no model of its own: active, its members answer', pointer);
  throw new LoadstoneError('LS-MODEL-002', `there is no model "${model}" of ${target}`, pointer);
}
