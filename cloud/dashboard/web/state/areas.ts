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
/** All areas by whose they are to who is signed in. */
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

/** Who else holds the area of an alarm; they act on it. Undefined: nobody else. */
export const holderElsewhere = ({ target }: AlarmView): string | undefined =>
  me.value === undefined ? undefined : elsewhere.value.get(target);

/** What of a target's areas is whose; `feeder` for a device. */
export const sharesOf = (target: string, feeder?: string): ReturnType<typeof shares> =>
  shares(
    partsOf(rows.value, target, () => feeder),
    me.value,
  );

/** Whether an alarm is to be shown: all are, or those of what is mine or nobody's. */
export const concernsMe = ({ target }: AlarmView): boolean =>
  alarmScope.value === 'all' || me.value === undefined || !elsewhere.value.has(target);

type AreaAct = 'take' | 'hand-over' | 'decline' | 'release' | 'free';

/** What was taken from me, freed, barred or declined, and that I have not said to have seen. */
export const losses = computed(() => (areas.value?.losses ?? []).filter(({ holder }) => holder === me.value));

export async function sawLosses(ids: readonly number[]): Promise<void> {
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
