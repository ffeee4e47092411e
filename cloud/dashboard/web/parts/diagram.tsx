import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { BranchView, FeederView } from '../../../../shared/contracts/view.ts';
import { loadingLevel } from '../lib/assess.ts';
import { findBus, geometryOf, shortName, type Geometry } from '../lib/diagram-geometry.ts';
import { number, percent } from '../lib/format.ts';
import { layoutFeeder, neighbour, type Layout, type Placed } from '../lib/layout.ts';
import { BusNode, Tap } from './bus-node.tsx';
import { useSize } from './use-size.ts';
import { freshness } from './value.tsx';

interface DiagramProps {
  readonly view: FeederView;
  readonly selected: string;
  readonly onSelect: (bus: string) => void;
}

/** px: what is drawn higher than this is long. */
const TALLEST = 900;

/** The one-line diagram: each bus is a gauge of its voltage between its limits, each branch carries its flow and loading. */
export function Diagram({ view, selected, onSelect }: DiagramProps) {
  const { ref, width } = useSize();
  const [whole, setWhole] = useState(false);
  const [sought, setSought] = useState('');
  const drawing = useRef<SVGSVGElement>(null);
  const shape = view.branches.map(({ id, closed }) => `${id}${closed ? 1 : 0}`).join();
  const layout = useMemo(
    () =>
      layoutFeeder(
        view.buses.map(({ id }) => id),
        view.branches,
        rootOf(view),
      ),
    [view.id, shape],
  );
  const geometry = useMemo(() => geometryOf(layout, width), [layout, width]);
  const buses = new Map(view.buses.map((bus) => [bus.id, bus]));
  const branches = new Map(view.branches.map((branch) => [branch.id, branch]));
  const head = layout.nodes[0];
  const move = (event: KeyboardEvent): void => {
    const from = event.target instanceof SVGElement ? (event.target.dataset['bus'] ?? selected) : selected;
    const next = target(event.key, layout, from, geometry.across);
    if (next === undefined) return;
    event.preventDefault();
    if (next === null) return;
    onSelect(next);
    nodeOf(next)?.focus();
  };
  const nodeOf = (bus: string): SVGElement | null | undefined =>
    drawing.current?.querySelector<SVGElement>(`[data-bus="${CSS.escape(bus)}"]`);
  const found = findBus(
    view.buses.map(({ id }) => id),
    sought,
    view.id,
  );
  useEffect(() => {
    if (found !== undefined) onSelect(found);
  }, [found]);
  // Once its selection is drawn, for that moves what is around it; and to the middle, where what arrives
  // above the diagram a moment later does not push it out of sight again.
  const isFoundSelected = found !== undefined && found === selected;
  useEffect(() => {
    if (isFoundSelected) nodeOf(found)?.scrollIntoView({ block: 'center', inline: 'center' });
  }, [found, isFoundSelected]);
  // The whole of a long feeder at once, too small to read; as large as it is drawn, to be moved.
  const scale = whole ? Math.min(1, width / geometry.width, TALLEST / geometry.height) : 1;
  const isLong = geometry.width > width + 1 || geometry.height > TALLEST;
  return (
    <>
      <div class="row diagram-tools">
        <label class="inline">
          Find bus
          <input
            type="search"
            value={sought}
            aria-invalid={sought.trim() !== '' && found === undefined}
            onInput={({ currentTarget }) => setSought(currentTarget.value)}
          />
        </label>
        <span class="muted" role="status">
          {sought.trim() !== '' && found === undefined ? 'No bus of this feeder is called so.' : ''}
        </span>
        {isLong && (
          <button type="button" class="quiet" aria-pressed={whole} onClick={() => setWhole(!whole)}>
            Whole feeder
          </button>
        )}
      </div>
      <div class="diagram" ref={ref}>
        {width > 0 && (
          <svg
            ref={drawing}
            width={geometry.width * scale}
            height={geometry.height * scale}
            viewBox={`0 0 ${geometry.width} ${geometry.height}`}
            role="group"
            aria-label={`One-line diagram of ${view.name}; arrow keys go from bus to bus`}
            onKeyDown={move}
          >
            <defs>
              <pattern id="hatch" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
                <path d="M0 0V5" class="hatch-line" />
              </pattern>
            </defs>
            {layout.extra
              .filter(({ closed, from, to }) => closed || from === selected || to === selected)
              .map((branch) => (
                <Extra
                  key={branch.id}
                  branch={branches.get(branch.id)!}
                  layout={layout}
                  geometry={geometry}
                  feeder={view.id}
                />
              ))}
            {layout.nodes.map((node) => (
              <WayLine
                key={node.id}
                node={node}
                layout={layout}
                geometry={geometry}
                branch={branches.get(node.branch ?? '')}
              />
            ))}
            {layout.nodes.map((node) => (
              <Flow
                key={node.id}
                node={node}
                layout={layout}
                geometry={geometry}
                branch={branches.get(node.branch ?? '')}
              />
            ))}
            {head !== undefined && (
              <g transform={`translate(${geometry.at(head).x} ${geometry.at(head).y})`}>
                <Tap tap={view.tapPosition} across={geometry.across} />
              </g>
            )}
            {layout.nodes.map((node) => (
              <BusNode
                key={node.id}
                node={node}
                geometry={geometry}
                bus={buses.get(node.id)}
                name={shortName(node.id, view.id)}
                open={layout.extra.some(({ from, to, closed }) => !closed && (from === node.id || to === node.id))}
                devices={view.devices.filter(({ bus }) => bus === node.id)}
                selected={selected === node.id}
                onSelect={onSelect}
              />
            ))}
          </svg>
        )}
      </div>
    </>
  );
}

/** The busbar: an end of the branch that no other closed branch feeds. Ids of the product end in "-bb". */
export const rootOf = (view: FeederView): string | undefined =>
  view.branches.flatMap(({ from, to }) => [from, to]).find((bus) => bus.endsWith('-bb'));

function target(key: string, layout: Layout, from: string, across: boolean): string | null | undefined {
  const keys = across
    ? { ArrowRight: 'out', ArrowLeft: 'in', ArrowUp: 'lower', ArrowDown: 'higher' }
    : { ArrowDown: 'out', ArrowUp: 'in', ArrowLeft: 'lower', ArrowRight: 'higher' };
  const way = (keys as Record<string, 'out' | 'in' | 'lower' | 'higher'>)[key];
  if (key === 'Home') return layout.nodes[0]?.id ?? null;
  return way === undefined ? undefined : neighbour(layout, from, way);
}

interface WayProps {
  readonly node: Placed;
  readonly layout: Layout;
  readonly geometry: Geometry;
  readonly branch: BranchView | undefined;
}

const wayClass = ({ activePowerKw, loadingPct }: BranchView): string => {
  const level = loadingLevel(loadingPct.value);
  return `way is-${freshness(activePowerKw, 'estimate')} from-${activePowerKw.origin}${level === null ? '' : ` level-${level}`}`;
};

/** Lines are drawn before all that is written: none goes through a number of another branch. */
function WayLine({ node, layout, geometry, branch }: WayProps) {
  if (node.parent === null || branch === undefined) return null;
  return <path class={`way-line ${wayClass(branch)}`} d={geometry.way(node, layout.byId.get(node.parent)!)} />;
}

/** Direction, power and loading of a branch. */
function Flow({ node, layout, geometry, branch }: WayProps) {
  if (node.parent === null || branch === undefined) return null;
  const parent = layout.byId.get(node.parent)!;
  const { x, y } = geometry.middle(node, parent);
  const level = loadingLevel(branch.loadingPct.value);
  const state = freshness(branch.activePowerKw, 'estimate');
  const power = branch.activePowerKw.value;
  const outward = (power ?? 0) * (branch.to === node.id ? 1 : -1);
  const text = state === 'unknown' ? '?' : number(Math.abs(power ?? 0));
  const load = Math.min(1.15, (branch.loadingPct.value ?? 0) / 100);
  const arrow = outward > 0 ? 'M-3 -3.5 3 0 -3 3.5Z' : 'M3 -3.5 -3 0 3 3.5Z';
  const turn = geometry.across ? '' : ' rotate(90)';
  const [textX, textY] = geometry.across ? [x, y - 8] : [x + 9, y + 1];
  return (
    <g class={wayClass(branch)}>
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

/** An open tie, or a closed branch that makes a ring. */
function Extra({
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
      <title>{`${shortName(branch.id, feeder)}: ${branch.closed ? 'closed, in a ring' : 'switch open'}`}</title>
      <path class="tie-line" d={path} />
      <rect class="tie-switch" x={x - 4} y={y - 4} width="8" height="8" />
    </g>
  );
}
