import type { Act, DeskFeederView, DeskSubstationView } from '../../../../shared/contracts/desk.ts';
import { duration, statusWords, words } from './format.ts';
import { t, type Text } from '../words/t.ts';

/** Returns the title of an act, for its button, and its effect, shown before it is confirmed. */
export function actWords(act: Act): { readonly title: string; readonly effect: string } {
  const on = act.target.slice(act.target.indexOf(':') + 1);
  switch (act.kind) {
    case 'stop':
      return {
        title: t('Stop {on}', { on }),
        effect: t('Every device goes to its safe default at once. Only a person lifts it.'),
      };
    case 'resume':
      return { title: t('Lift the stop of {on}', { on }), effect: t('Devices follow their targets again.') };
    case 'tag':
      return {
        title: t('Tag {on}', { on }),
        effect: t('No command goes to it, not even of the guard, until the tag is removed.'),
      };
    case 'untag':
      return { title: t('Remove the tag of {on}', { on }), effect: t('It is commanded again.') };
    case 'mode':
      return { title: t('Set {on} to {mode}', { on, mode: words(act.mode) }), effect: t(MODE_EFFECTS[act.mode]) };
    case 'approve-plan':
      return {
        title: t('Approve the plan of {on}', { on }),
        effect: t('In manual it is followed until a newer plan comes.'),
      };
    case 'refuse-plan':
      return {
        title: t('Refuse the plan of {on}', { on }),
        effect: t('Its targets are dropped; the gateway uses default envelopes until a newer plan comes.'),
      };
    case 'emergency':
      return {
        title: t('Raise the limits of {on}', { on }),
        effect: t('To the emergency values that are set at the gateway, for {time}. A second person approves it.', {
          time: duration(act.durationS * 1000),
        }),
      };
    case 'normal':
      return { title: t('Set the limits of {on} back', { on }), effect: t('The normal limits hold again at once.') };
  }
}

/** Effect of each mode, shown before it is set. */
export const MODE_EFFECTS = {
  monitor: 'Nothing is commanded; it shows what it would do. The guard is off.',
  manual: 'Targets are recommended, and followed where somebody accepts them. The guard is on.',
  automatic: 'The plan is followed. The guard is on.',
} as const satisfies Readonly<Record<string, Text>>;

/** "2 of 7 stopped, 1 tagged" */
export function stateWords({ devices, stopped, tagged }: DeskFeederView): string {
  if (stopped === null || tagged === null) return t('unknown');
  const parts = [
    stopped > 0
      ? stopped === devices
        ? t('all stopped')
        : t('{stopped} of {devices} stopped', { stopped, devices })
      : '',
    tagged > 0 ? (tagged === devices ? t('all tagged') : t('{tagged} tagged', { tagged })) : '',
  ].filter(Boolean);
  return parts.length === 0 ? t('{devices} free', { devices }) : parts.join(', ');
}

export const planWords = ({ plan }: DeskSubstationView): string =>
  plan === null ? t('none') : [statusWords(plan.status), ...(plan.verdict ? [words(plan.verdict)] : [])].join(', ');

/** Returns the substations that match all words by name, id or feeders; if only feeders match, with these feeders alone. */
export function deskRows(substations: readonly DeskSubstationView[], text: string): DeskSubstationView[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [...substations];
  return substations.flatMap((each) => {
    const fits = (said: string): boolean => words.every((word) => said.toLowerCase().includes(word));
    const own = `${each.name} ${each.id}`;
    if (fits(own)) return [each];
    const feeders = each.feeders.filter(({ id, name }) => fits(`${own} ${id} ${name}`));
    return feeders.length === 0 ? [] : [{ ...each, feeders }];
  });
}
