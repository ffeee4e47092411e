import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { FeederView } from '../../../../shared/contracts/view.ts';
import { findBus, geometryOf, shortName } from '../lib/diagram-geometry.ts';
import { percent } from '../lib/format.ts';
import { layoutFeeder, neighbour, type Layout } from '../lib/layout.ts';
import { READABLE, STEP } from '../lib/zoom.ts';
import { heldDevices } from '../lib/control-words.ts';
import { substationOf } from '../state/store.ts';
import { BranchLine, Extra, Flow } from './branch-line.tsx';
import { BusNode, FarBus, Tap } from './bus-node.tsx';
import { useSize } from './use-size.ts';
import { useZoom } from './use-zoom.ts';
import { t } from '../words/t.ts';

interface DiagramProps {
  readonly view: FeederView;
  readonly selected: string;
  readonly onSelect: (bus: string) => void;
}

/** px: taller drawings count as long. */
const TALLEST = 900;
/** px: even longer drawings scroll within a box of this height. */
const LONGEST = 1600;
const BOX_HEIGHT = 600;

/** The one-line diagram: each bus is a gauge of its voltage between its limits, and each branch shows its flow and loading. */
export function Diagram({ view, selected, onSelect }: DiagramProps) {
  const { ref, width } = useSize();
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
  const held = heldDevices(view.control ?? substationOf(view.id)?.control ?? [], view);
  const branches = new Map(view.branches.map((branch) => [branch.id, branch]));
  const head = layout.nodes[0];
  const isBoxed = geometry.height > LONGEST || geometry.width > 2 * width;
  const zoom = useZoom({ box: ref, drawing: geometry, room: { width, height: isBoxed ? BOX_HEIGHT : TALLEST } });
  const { scale, least, most, zoomTo } = zoom;
  const isFar = scale < READABLE;
  const move = (event: KeyboardEvent): void => {
    const zoomed = { '+': scale * STEP, '=': scale * STEP, '-': scale / STEP, '0': least }[event.key];
    if (zoomed !== undefined && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      return zoomTo(zoomed);
    }
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
  // Scrolls once the selection is drawn, because that moves what is around it; and to the middle, so that content that arrives above the
  // diagram later does not push it out of sight.
  const isFoundSelected = found !== undefined && found === selected;
  useEffect(() => {
    if (isFoundSelected) nodeOf(found)?.scrollIntoView({ block: 'center', inline: 'center' });
  }, [found, isFoundSelected]);
  const isDrawn = width > 0;
  useLayoutEffect(() => {
    const node = layout.byId.get(selected);
    if (!isBoxed || node === undefined || ref.current === null) return;
    const { x, y } = geometry.at(node);
    ref.current.scrollTo({ left: x * scale - width / 2, top: y * scale - BOX_HEIGHT / 2 });
  }, [isDrawn, view.id]);
  const isLong = least < 0.999;
  return (
    <>
      <div class="row diagram-tools">
        <label class="inline">
          {t('Find bus')}
          <input
            type="search"
            value={sought}
            aria-invalid={sought.trim() !== '' && found === undefined}
            onInput={({ currentTarget }) => setSought(currentTarget.value)}
          />
        </label>
        <span class="muted" role="status">
          {sought.trim() !== '' && found === undefined ? t('This feeder has no bus of that name.') : ''}
        </span>
        <div class="segments" role="group" aria-label={t('Zoom')}>
          <button
            type="button"
            aria-label={t('Zoom out')}
            disabled={scale <= least}
            onClick={() => zoomTo(scale / STEP)}
          >
            −
          </button>
          <button
            type="button"
            aria-label={t('{percent} %, back to full size', { percent: percent(scale * 100) })}
            onClick={() => zoomTo(1)}
          >
            {`${percent(scale * 100)} %`}
          </button>
          <button type="button" aria-label={t('Zoom in')} disabled={scale >= most} onClick={() => zoomTo(scale * STEP)}>
            +
          </button>
        </div>
        {isLong && (
          <button
            type="button"
            class="quiet"
            aria-pressed={scale <= least}
            onClick={() => zoomTo(scale <= least ? 1 : least)}
          >
            {t('Whole feeder')}
          </button>
        )}
        {isLong && (
          <span class="muted from-tablet">
            {t('{small}Drag to move, Ctrl and wheel to zoom', {
              small: isFar ? `${t('Too small for text: abnormal buses are marked.')} ` : '',
            })}
          </span>
        )}
      </div>
      <div
        class={`diagram${isBoxed ? ' boxed' : ''}`}
        ref={ref}
        onPointerDown={zoom.onPointerDown}
        onPointerMove={zoom.onPointerMove}
        onPointerUp={zoom.onPointerUp}
        onPointerCancel={zoom.onPointerUp}
      >
        {width > 0 && (
          <svg
            ref={drawing}
            class={isFar ? 'far' : ''}
            width={geometry.width * scale}
            height={geometry.height * scale}
            viewBox={`0 0 ${geometry.width} ${geometry.height}`}
            role="group"
            aria-label={t('One-line diagram of {name}; arrow keys go from bus to bus, plus and minus zoom', {
              name: view.name,
            })}
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
              <BranchLine
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
                enlarged={isFar ? 1 / scale : 1}
              />
            ))}
            {head !== undefined && (
              <g transform={`translate(${geometry.at(head).x} ${geometry.at(head).y})`}>
                <Tap tap={view.tapPosition} across={geometry.across} />
              </g>
            )}
            {layout.nodes.map((node) =>
              isFar ? (
                <FarBus
                  key={node.id}
                  node={node}
                  geometry={geometry}
                  bus={buses.get(node.id)}
                  name={shortName(node.id, view.id)}
                  selected={selected === node.id}
                  enlarged={1 / scale}
                  onSelect={onSelect}
                />
              ) : (
                <BusNode
                  key={node.id}
                  node={node}
                  geometry={geometry}
                  bus={buses.get(node.id)}
                  name={shortName(node.id, view.id)}
                  open={layout.extra.some(({ from, to, closed }) => !closed && (from === node.id || to === node.id))}
                  held={held}
                  devices={view.devices.filter(({ bus }) => bus === node.id)}
                  selected={selected === node.id}
                  onSelect={onSelect}
                />
              ),
            )}
          </svg>
        )}
      </div>
    </>
  );
}

/** The busbar: an end of the branch that no other closed branch feeds. Its id ends in "-bb" by convention of the product. */
export const rootOf = (view: FeederView): string | undefined =>
  view.branches.flatMap(({ from, to }) => [from, to]).find((bus) => bus.endsWith('-bb'));

function target(key: string, layout: Layout, from: string, across: boolean): string | null | undefined {
  const keys = across
    ? { ArrowRight: 'out', ArrowLeft: 'in', ArrowUp: 'lower', ArrowDown: 'higher' }
    : { ArrowDown: 'out', ArrowUp: 'in', ArrowLeft: 'lower', ArrowRight: 'higher' };
  const direction = (keys as Record<string, 'out' | 'in' | 'lower' | 'higher'>)[key];
  if (key === 'Home') return layout.nodes[0]?.id ?? null;
  return direction === undefined ? undefined : neighbour(layout, from, direction);
}
