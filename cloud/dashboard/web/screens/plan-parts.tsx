import type { PlanBody } from '../../../../shared/contracts/plan.ts';
import { choose, query } from '../state/route.ts';
import { t, type Text } from '../words/t.ts';

/** Parts below the setpoints, one at a time: `show` in the address, the first by default. */
const PARTS = {
  course: 'Course',
  envelopes: 'Operating envelopes',
  binding: 'Binding constraints',
  basis: 'What it rests on',
} as const satisfies Readonly<Record<string, Text>>;
type Part = keyof typeof PARTS;

const isPart = (text: string | null): text is Part => text !== null && Object.hasOwn(PARTS, text);

export function partShown(): Part {
  const asked = query.value.get('show');
  return isPart(asked) ? asked : 'course';
}

export function Parts({ plan }: { plan: PlanBody }) {
  const shown = partShown();
  return (
    <div class="segments plan-parts" role="group" aria-label={t('Details of the plan')}>
      {Object.entries(PARTS).map(([part, name]) => (
        <button
          type="button"
          key={part}
          aria-pressed={part === shown}
          onClick={() => choose('show', part === 'course' ? '' : part)}
        >
          {t(name)} {part === 'binding' && <span class="tag">{plan.binding.length}</span>}
        </button>
      ))}
    </div>
  );
}
