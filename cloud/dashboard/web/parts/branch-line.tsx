import type { BranchView } from '../../../../shared/contracts/view.ts';
import { loadingLevel } from '../lib/assess.ts';
import { shortName, type Geometry } from '../lib/diagram-geometry.ts';
import { number, percent } from '../lib/format.ts';
import type { Layout, Placed } from '../lib/layout.ts';
import { PriorityShape } from './marks.tsx';
import { freshness } from './value.tsx';
import { t } from '../words/t.ts';

interface BranchProps {
  readonly node: Placed;
  readonly layout: Layout;
  readonly geometry: Geometry;
  readonly branch: BranchView | undefined;
}

const branchClass = ({ activePowerKw, loadingPct }: BranchView): string => {
  const level = loadingLevel(loadingPct.value);
  return `way is-${freshness(activePowerKw)} from-${activePowerKw.origin}${level === null ? '' : ` level-${level}`}`;
};

/** Lines are drawn before all text, so that none crosses the number of another branch. */
export function BranchLine({ node, layout, geometry, branch }: BranchProps) {
  if (node.parent === null || branch === undefined) return null;
  return (
    <path class={`way-line ${branchClass(branch)}`} d={geometry.branchPath(node, layout.byId.get(node.parent)!)} />
  );
}

/** Direction, power and loading of a branch. */
export function Flow({ node, layout, geometry, branch, enlarged }: BranchProps & { readonly enlarged: number }) {
  if (node.parent === null || branch === undefined) return null;
  const parent = layout.byId.get(node.parent)!;
  const { x, y } = geometry.middle(node, parent);
  const level = loadingLevel(branch.loadingPct.value);
  if (enlarged > 1)
    return level === null ? null : (
      <g transform={`translate(${x - 6 * enlarged} ${y - 6 * enlarged}) scale(${0.86 * enlarged})`}>
        <PriorityShape level={level} />
      </g>
    );
  const state = freshness(branch.activePowerKw);
  const power = branch.activePowerKw.value;
  const outward = (power ?? 0) * (branch.to === node.id ? 1 : -1);
  const text = state === 'unknown' ? '?' : number(Math.abs(power ?? 0));
  const load = Math.min(1.15, (branch.loadingPct.value ?? 0) / 100);
  const arrow = outward > 0 ? 'M-3 -3.5 3 0 -3 3.5Z' : 'M3 -3.5 -3 0 3 3.5Z';
  const turn = geometry.across ? '' : ' rotate(90)';
  const [textX, textY] = geometry.across ? [x, y - 8] : [x + 9, y + 1];
  return (
    // Bare figures, hidden from screen readers, which have them at the bus and in the table.
    <g class={branchClass(branch)} aria-hidden="true">
      {power !== null && Math.abs(power) >= 0.5 && (
        <path class="way-arrow" d={arrow} transform={`translate(${x} ${y})${turn}`} />
      )}
      <text class="way-flow" x={textX} y={textY} text-anchor={geometry.across ? 'middle' : 'start'}>
        {text}
      </text>
      <g transform={geometry.across ? `translate(${x - 14} ${y + 7})` : `translate(${x + 9} ${y + 6})`}>
        <rect class="way-track" width="28" height="4" />
        <rect class="way-load" width={28 * load} height="4" />
      </g>
      {level !== null && (
        <text
          class="way-pct"
          x={geometry.across ? x - 3 : x + 9}
          y={geometry.across ? y + 22 : y + 21}
          text-anchor={geometry.across ? 'middle' : 'start'}
        >
          {`${level === 1 ? '■' : '▲'} ${percent(branch.loadingPct.value)} %`}
        </text>
      )}
    </g>
  );
}

/** An open tie, or a closed branch that forms a ring. */
export function Extra({
  branch,
  layout,
  geometry,
  feeder,
}: {
  branch: BranchView;
  layout: Layout;
  geometry: Geometry;
  feeder: string;
}) {
  const [from, to] = [layout.byId.get(branch.from), layout.byId.get(branch.to)];
  if (from === undefined || to === undefined) return null;
  const { path, x, y } = geometry.bow(from, to);
  return (
    <g class={`tie ${branch.closed ? 'closed' : 'open'}`}>
      <title>{`${shortName(branch.id, feeder)}: ${branch.closed ? t('closed, in a ring') : t('switch open')}`}</title>
      <path class="tie-line" d={path} />
      <rect class="tie-switch" x={x - 4} y={y - 4} width="8" height="8" />
    </g>
  );
}
