import { computed } from '@preact/signals';
import type { AlarmView } from '../../../../shared/contracts/alarm.ts';
import { areaRows, partsOf, shares } from '../lib/areas.ts';
import type { ProblemAnswer } from '../../../../shared/contracts/problem.ts';
import { sendJson } from './api.ts';
import { session } from './session.ts';
import { alarmScope } from './settings.ts';
import { areas, region } from './store.ts';

const me = computed(() => session.value?.user?.name);
export const rows = computed(() => areaRows(region.value?.substations ?? [], areas.value?.held ?? []));
/** All areas, split by holder from the user's point of view. */
export const shared = computed(() =>
  shares(
    rows.value.flatMap(({ parts }) => parts),
    me.value,
  ),
);
const elsewhere = computed(() => {
  const held = areas.value?.held ?? [];
  return new Map(
    held.flatMap(({ target, holder }) => (holder === null || holder === me.value ? [] : [[target, holder] as const])),
  );
});

/** Returns who else holds the area of an alarm, and so acts on it; undefined if nobody else does. */
export const holderElsewhere = ({ target }: AlarmView): string | undefined =>
  me.value === undefined ? undefined : elsewhere.value.get(target);

/** Splits the areas of a target by holder; `feeder` is needed for a device. */
export const sharesOf = (target: string, feeder?: string): ReturnType<typeof shares> =>
  shares(
    partsOf(rows.value, target, () => feeder),
    me.value,
  );

/** True if an alarm is shown: all are, or only those of my areas and of areas that nobody holds. */
export const concernsMe = ({ target }: AlarmView): boolean =>
  alarmScope.value === 'all' || me.value === undefined || !elsewhere.value.has(target);

type AreaAct = 'take' | 'hand-over' | 'decline' | 'release' | 'free';

/** Areas that I lost (taken, freed, barred) or whose offer was declined, and that I have not confirmed. */
export const losses = computed(() => (areas.value?.losses ?? []).filter(({ holder }) => holder === me.value));

export async function confirmLosses(ids: readonly number[]): Promise<void> {
  await Promise.all(ids.map((id) => sendJson('POST', `/v1/areas/losses/${id}/seen`)));
}

/** Requests a change of areas and returns the obstacle, or null. The stream then reports the new state. */
export async function changeAreas(
  act: AreaAct,
  body: { areas: readonly string[]; freeOnly?: boolean; reason?: string; to?: string },
): Promise<ProblemAnswer | null> {
  const answer = await sendJson('POST', `/v1/areas/${act}`, body);
  return answer.state === 'bad' ? answer.problem : null;
}
