import { useEffect, useRef, useState } from 'preact/hooks';
import { number, unknown } from '../lib/format.ts';
import { dayClock, daySeconds } from '../lib/zone.ts';
import { systemIsDark, theme, zone } from '../state/settings.ts';
import type { ChartSpec } from './chart-canvas.ts';
import { t } from '../words/t.ts';

type Spec = Omit<ChartSpec, 'onCursor' | 'onZoom' | 'zone'>;

interface ChartProps {
  readonly spec: Spec;
  /** One sentence on what the chart shows. */
  readonly label: string;
  /** Receives the dragged span, ms UTC. */
  readonly onZoom?: (from: number, to: number) => void;
}

/** A chart with a key that shows the values under the pointer, and the same numbers as a table. */
export function Chart({ spec, label, onZoom }: ChartProps) {
  const [table, setTable] = useState(false);
  const [at, setAt] = useState<number | null>(null);
  return (
    <figure class="chart">
      <div class="chart-head">
        <Key spec={spec} at={at} />
        <button type="button" class="quiet" aria-pressed={table} onClick={() => setTable(!table)}>
          {t('Table')}
        </button>
      </div>
      {table ? (
        <Numbers spec={spec} label={label} />
      ) : (
        <Canvas spec={spec} label={label} onCursor={setAt} onZoom={onZoom} />
      )}
    </figure>
  );
}

interface CanvasProps {
  readonly spec: Spec;
  readonly label: string;
  readonly onCursor: (index: number | null) => void;
  readonly onZoom: ChartProps['onZoom'];
}

function Canvas({ spec, label, onCursor, onZoom }: CanvasProps) {
  const host = useRef<HTMLDivElement>(null);
  const [isHeld, setHeld] = useState(false);
  const drawn = useRef(spec);
  // During a drag the chart stays; newer values wait until it ends.
  if (!isHeld) drawn.current = spec;
  const zoomHandler = useRef(onZoom);
  zoomHandler.current = onZoom;
  const shown = zone();
  const colours = theme.value === 'system' ? systemIsDark.value : theme.value;
  useEffect(() => {
    let gone = false;
    let remove: (() => void) | undefined;
    void import('./chart-canvas.ts').then(({ drawChart }) => {
      if (gone || host.current === null) return;
      const zoom =
        zoomHandler.current === undefined ? undefined : (from: number, to: number) => zoomHandler.current?.(from, to);
      remove = drawChart(host.current, { ...drawn.current, zone: shown, onCursor, onZoom: zoom });
    });
    return () => {
      gone = true;
      remove?.();
    };
  }, [drawn.current, shown, colours, onCursor]);
  const hold = (): void => {
    setHeld(true);
    window.addEventListener('mouseup', () => setHeld(false), { once: true });
  };
  return (
    <div
      class="chart-canvas"
      ref={host}
      role="img"
      aria-label={label}
      style={{ height: `${spec.height}px` }}
      {...(onZoom === undefined ? {} : { onMouseDown: hold })}
    />
  );
}

function Key({ spec, at }: { spec: Spec; at: number | null }) {
  const bands = (spec.bands ?? []).map(({ between: [high, low], colour }) => ({
    name: t('{least} to {most}', { least: spec.lines[low]!.label, most: spec.lines[high]!.label }),
    colour,
    text: at === null ? '' : t('{least} to {most}', { least: cell(spec, low, at), most: cell(spec, high, at) }),
    band: true,
    dash: false,
  }));
  const lines = spec.lines
    .map((line, index) => ({ line, index }))
    .filter(({ line }) => line.edge !== true)
    .map(({ line, index }) => ({
      name: line.label,
      colour: line.colour,
      text: at === null ? '' : cell(spec, index, at),
      band: false,
      dash: line.dash !== undefined,
    }));
  return (
    <ul class="chart-key">
      {at !== null && <li class="chart-time">{timeText(spec, spec.times[at] ?? 0)}</li>}
      {[...lines, ...bands].map(({ name, colour, text, band, dash }) => (
        <li key={name}>
          <span
            class={band ? 'swatch band' : dash ? 'swatch dash' : 'swatch'}
            style={{ '--swatch': `var(${colour})` }}
          />
          {name}
          {text !== '' && <b>{text}</b>}
        </li>
      ))}
      <li class="muted">{spec.unit}</li>
    </ul>
  );
}

/** With seconds if steps are shorter than a minute. */
const timeText = ({ times: [first = 0, second = Infinity] }: Spec, time: number): string =>
  (second - first < 60_000 ? daySeconds : dayClock)(time, zone());

const cell = (spec: Spec, line: number, at: number): string => {
  const value = spec.lines[line]?.column[at];
  return value === null || value === undefined ? unknown() : number(value, spec.decimals ?? 0);
};

function Numbers({ spec, label }: ChartProps) {
  return (
    <div
      class="scroll"
      tabIndex={0}
      role="group"
      aria-label={t('Table: {label}', { label })}
      style={{ maxHeight: `${spec.height}px` }}
    >
      <table class="data">
        <caption class="unseen">{label}</caption>
        <thead>
          <tr>
            <th scope="col">{t('Start')}</th>
            {spec.lines.map(({ label: name }) => (
              <th scope="col" class="num" key={name}>{`${name}, ${spec.unit}`}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {spec.times.map((time, index) => (
            <tr key={time}>
              <th scope="row">{timeText(spec, time)}</th>
              {spec.lines.map(({ label: name }, line) => (
                <td class="num" key={name}>
                  {cell(spec, line, index)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
