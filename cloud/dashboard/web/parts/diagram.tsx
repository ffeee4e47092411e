import { useMemo, useRef } from 'preact/hooks';
import type { BranchView, BusView, DeviceView, FeederView, ValueView } from '../../../../shared/contracts/view.ts';
import { loadingLevel, voltageLevel } from '../lib/assess.ts';
import { geometryOf, shortName, type Geometry } from '../lib/diagram-geometry.ts';
import { kw, number, percent, pu } from '../lib/format.ts';
import { layoutFeeder, neighbour, type Layout, type Placed } from '../lib/layout.ts';
import { DeviceIcon } from './marks.tsx';
import { useSize } from './use-size.ts';
import { freshness } from './value.tsx';

interface DiagramProps {
  readonly view: FeederView;
  readonly selected: string;
  readonly onSelect: (bus: string) => void;
}

const GAUGE = { long: 46, thick: 9 };

/** The one-line diagram: each bus is a gauge of its voltage between its limits, each branch carries its flow and loading. */
export function Diagram({ view, selected, onSelect }: DiagramProps) {
  const { ref, width } = useSize<HTMLDivElement>();
  const drawing = useRef<SVGSVGElement>(null);
  const shape = view.branches.map(({ id, closed }) => `${id}${closed ? 1 : 0}`).join();
  const layout = useMemo(
    () => layoutFeeder(view.buses.map(({ id }) => id), view.branches, rootOf(view)),
    [view.id, shape],
  );
  const geometry = useMemo(() => geometryOf(layout, width), [layout, width]);
  const buses = new Map(view.buses.map((bus) => [bus.id, bus]));
  const branches = new Map(view.branches.map((branch) => [branch.id, branch]));
  const move = (event: KeyboardEvent): void => {
    const next = target(event.key, layout, selected, geometry.across);
    if (next === undefined) return;
    event.preventDefault();
    if (next === null) return;
    onSelect(next);
    drawing.current?.querySelector<SVGElement>(`[data-bus="${CSS.escape(next)}"]`)?.focus();
  };
  return (
    <div class="diagram" ref={ref}>
      {width > 0 && (
        <svg ref={drawing} width={geometry.width} height={geometry.height} viewBox={`0 0 ${geometry.width} ${geometry.height}`} role="group" aria-label={`One-line diagram of ${view.name}; arrow keys go from bus to bus`} onKeyDown={move}>
          <defs>
            <pattern id="hatch" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
              <path d="M0 0V5" class="hatch-line" />
            </pattern>
          </defs>
          {layout.extra
            .filter(({ closed, from, to }) => closed || from === selected || to === selected)
            .map((branch) => (
              <Extra key={branch.id} branch={branches.get(branch.id)!} layout={layout} geometry={geometry} feeder={view.id} />
            ))}
          {layout.nodes.map((node) => (
            <Way key={node.id} node={node} layout={layout} geometry={geometry} branch={branches.get(node.branch ?? '')} />
          ))}
          {layout.nodes.map((node) => (
            <BusNode
              key={node.id}
              node={node}
              geometry={geometry}
              bus={buses.get(node.id)}
              name={shortName(node.id, view.id)}
              open={layout.extra.some(({ from, to, closed }) => !closed && (from === node.id || to === node.id))}
              devices={view.devices.filter(({ bus }) => bus === node.id)}
              tap={node.parent === null && node.fed ? view.tapPosition : null}
              selected={selected === node.id}
              onSelect={onSelect}
            />
          ))}
        </svg>
      )}
    </div>
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

function Way({ node, layout, geometry, branch }: { node: Placed; layout: Layout; geometry: Geometry; branch: BranchView | undefined }) {
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
    <g class={`way is-${state} from-${branch.activePowerKw.origin}${level === null ? '' : ` level-${level}`}`}>
      <path class="way-line" d={geometry.way(node, parent)} />
      {power !== null && Math.abs(power) >= 0.5 && <path class="way-arrow" d={arrow} transform={`translate(${x} ${y})${turn}`} />}
      <text class="way-flow" x={textX} y={textY} text-anchor={geometry.across ? 'middle' : 'start'}>
        {text}
      </text>
      <g transform={geometry.across ? `translate(${x - 14} ${y + 7})` : `translate(${x + 9} ${y + 6})`}>
        <rect class="way-track" width="28" height="4" />
        <rect class="way-load" width={28 * load} height="4" />
      </g>
      {level !== null && (
        <text class="way-pct" x={geometry.across ? x - 3 : x + 9} y={geometry.across ? y + 22 : y + 21} text-anchor={geometry.across ? 'middle' : 'start'}>
          {`${level === 1 ? '■' : '▲'} ${percent(branch.loadingPct.value)} %`}
        </text>
      )}
    </g>
  );
}

/** An open tie, or a closed branch that makes a ring. */
function Extra({ branch, layout, geometry, feeder }: { branch: BranchView; layout: Layout; geometry: Geometry; feeder: string }) {
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

interface BusNodeProps {
  readonly node: Placed;
  readonly geometry: Geometry;
  readonly bus: BusView | undefined;
  readonly name: string;
  readonly devices: readonly DeviceView[];
  /** An open switch starts here. */
  readonly open: boolean;
  readonly tap: ValueView | null;
  readonly selected: boolean;
  readonly onSelect: (bus: string) => void;
}

function BusNode({ node, geometry, bus, name, devices, open, tap, selected, onSelect }: BusNodeProps) {
  const { x, y } = geometry.at(node);
  const { across } = geometry;
  const value = bus?.voltagePu;
  const state = value === undefined ? 'unknown' : freshness(value, value.origin === 'measured' ? 'station' : 'estimate');
  const level = bus === undefined ? null : voltageLevel(bus.voltagePu.value, bus);
  const volts = state === 'unknown' ? '?' : pu(value?.value ?? null);
  const label = [`bus ${name}`, state === 'unknown' ? 'voltage unknown' : `${volts} pu`, value?.origin, state === 'stale' ? 'stale' : '', node.fed ? '' : 'not fed', open ? 'open switch' : '', ...devices.map((device) => `${device.name} ${kw(device.activePowerKw.value)} kW`)];
  return (
    <g
      class={`bus is-${state} from-${value?.origin ?? 'estimated'}${level === null ? '' : ` level-${level}`}${selected ? ' selected' : ''}${node.fed ? '' : ' unfed'}`}
      transform={`translate(${x} ${y})`}
      role="button"
      tabIndex={selected ? 0 : -1}
      aria-pressed={selected}
      aria-label={label.filter(Boolean).join(', ')}
      data-bus={node.id}
      onClick={() => onSelect(node.id)}
      onKeyDown={(event) => (event.key === 'Enter' || event.key === ' ') && (event.preventDefault(), onSelect(node.id))}
    >
      <rect class="bus-hit" x={across ? -21 : -42} y={across ? -44 : -16} width={across ? 42 : 68} height={across ? 86 : 40} rx="3" />
      {open && <path class="stub" d={across ? 'M5 -14 12 -21 M10 -26h6v6h-6z' : 'M14 -5 21 -12 M20 -17h6v6h-6z'} />}
      {tap !== null && <Tap tap={tap} across={across} />}
      <g transform={across ? '' : 'rotate(90)'}>
        <Gauge bus={bus} state={state} />
      </g>
      <text class="bus-name" x={across ? 0 : -27} y={across ? -29 : 4} text-anchor={across ? 'middle' : 'end'}>
        {name}
      </text>
      <text class="bus-volts" x="0" y={across ? 36 : 19} text-anchor="middle">
        {level === 1 ? '■ ' : level === 2 ? '▲ ' : ''}
        {volts}
      </text>
      {devices.map((device, index) => (
        <g key={device.id} class={`bus-device link-${device.link}`} transform={`translate(${across ? -24 : -56} ${(across ? 43 : 25) + 15 * index})`}>
          <DeviceIcon type={device.type} />
          <text x={across ? 19 : 50} y="11" text-anchor={across ? 'start' : 'end'}>
            {device.activePowerKw.value === null ? '?' : kw(device.activePowerKw.value)}
          </text>
        </g>
      ))}
    </g>
  );
}

/** Upright: the middle of the limits in the middle; the pointer is the voltage, the shade around it its standard error. */
function Gauge({ bus, state }: { bus: BusView | undefined; state: string }) {
  const half = GAUGE.long / 2;
  const outline = <rect class="gauge-outline" x={-GAUGE.thick / 2} y={-half} width={GAUGE.thick} height={GAUGE.long} />;
  if (bus === undefined || bus.voltagePu.value === null) return outline;
  const { vMinPu, vMaxPu, voltagePu } = bus;
  const perPu = (half * 0.72) / ((vMaxPu - vMinPu) / 2);
  const middle = (vMaxPu + vMinPu) / 2;
  const at = Math.max(-half, Math.min(half, -(voltagePu.value! - middle) * perPu));
  const error = Math.max(0, (voltagePu.error ?? 0) * perPu);
  return (
    <>
      {outline}
      <rect class="gauge-band" x={-GAUGE.thick / 2} y={-half * 0.72} width={GAUGE.thick} height={half * 1.44} />
      {error > 0 && <rect class="gauge-error" x={-GAUGE.thick / 2} y={at - 2 * error} width={GAUGE.thick} height={4 * error} />}
      {state === 'stale' && <rect x={-GAUGE.thick / 2} y={-half} width={GAUGE.thick} height={GAUGE.long} fill="url(#hatch)" />}
      <rect class="gauge-pointer" x={-GAUGE.thick / 2 - 3} y={at - 1.5} width={GAUGE.thick + 6} height="3" />
    </>
  );
}

function Tap({ tap, across }: { tap: ValueView; across: boolean }) {
  const text = tap.value === null ? 'tap unknown' : `tap ${tap.value > 0 ? '+' : ''}${number(tap.value)}`;
  return (
    <g class="tap" transform={across ? 'translate(-46 0)' : 'translate(0 -40)'}>
      <path class="way-line" d={across ? 'M-32 0H-17 M11 0H42' : 'M0 -22V-17 M0 11V36'} />
      <g transform={across ? '' : 'rotate(90)'}>
        <circle cx="-8" cy="0" r="9" />
        <circle cx="3" cy="0" r="9" />
      </g>
      <text x={across ? -3 : 18} y={across ? 24 : 0} text-anchor={across ? 'middle' : 'start'}>
        {text}
      </text>
    </g>
  );
}
