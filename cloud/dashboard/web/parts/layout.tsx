import type { ComponentChildren } from 'preact';
import type { ProblemAnswer } from '../../../../shared/contracts/problem.ts';
import { fault, isTranslated, t, translate } from '../words/t.ts';

interface PanelProps {
  readonly title: ComponentChildren;
  readonly aside?: ComponentChildren;
  readonly children: ComponentChildren;
  readonly class?: string;
  readonly label?: string;
}

/** A titled part of a screen, as a region that screen readers can jump to. */
export function Panel({ title, aside, children, label, ...more }: PanelProps) {
  const name = label ?? (typeof title === 'string' ? title : undefined);
  return (
    <section class={`panel ${more.class ?? ''}`} aria-label={name}>
      <header class="panel-head">
        <h2>{title}</h2>
        {aside !== undefined && <div class="panel-aside">{aside}</div>}
      </header>
      <div class="panel-body">{children}</div>
    </section>
  );
}

/** Names and values in two columns; null rows are left out. */
export function Facts({ rows }: { rows: readonly (readonly [string, ComponentChildren] | null)[] }) {
  return (
    <dl class="facts">
      {rows
        .filter((row) => row !== null)
        .map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}

export function Problem({ problem }: { problem: ProblemAnswer }) {
  const [title, remedy] = fault(problem.code) ?? [];
  const said = problem.detail || problem.title;
  const isEnglish = title !== undefined && !isTranslated(said, problem.code);
  return (
    <div class="problem" role="status">
      {title !== undefined && <p>{title}</p>}
      <p {...(isEnglish ? { lang: 'en' } : {})}>{translate(said, problem.code)}</p>
      <p class="muted">
        {problem.code}
        {problem.remedy ? `: ${remedy ?? translate(problem.remedy)}` : ''}
      </p>
    </div>
  );
}

export const Waiting = ({ what }: { what: string }) => <p class="waiting muted">{t('Waiting for {what}', { what })}</p>;
