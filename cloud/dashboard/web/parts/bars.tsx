import type { ValueView } from '../../../../shared/contracts/view.ts';
import { loadingLevel, powerLevel, voltageLevel } from '../lib/assess.ts';
import { number, percent, pu } from '../lib/format.ts';
import { freshness } from './value.tsx';
import { t } from '../words/t.ts';

const share = (value: number, low: number, high: number): number =>
  Math.min(1, Math.max(0, (value - low) / (high - low)));
const pct = (part: number): string => `${(part * 100).toFixed(2)}%`;

interface PowerBarProps {
  readonly value: ValueView;
  readonly limits: { readonly importKw: number; readonly exportKw: number };
  /** An upcoming peak, shown as a hollow mark. */
  readonly peakKw?: number | null;
  readonly label: string;
}

/** Net power between its limits: feed-in left of zero, consumption right, hatched beyond the limits. */
export function PowerBar({ value, limits, peakKw = null, label }: PowerBarProps) {
  const [low, high] = [-1.15 * limits.exportKw, 1.15 * limits.importKw];
  const zero = share(0, low, high);
  const state = freshness(value);
  const power = value.value ?? 0;
  const at = share(power, low, high);
  const level = powerLevel(value.value, limits);
  const text =
    value.value === null
      ? t('{label}: unknown', { label })
      : t('{label}: {power} kW, limits {least} to {most} kW', {
          label,
          power: number(power),
          least: number(-limits.exportKw),
          most: number(limits.importKw),
        });
  return (
    <span class={`bar is-${state} from-${value.origin}`} role="img" aria-label={text}>
      <span
        class="bar-band"
        style={{ left: pct(share(-limits.exportKw, low, high)), right: pct(1 - share(limits.importKw, low, high)) }}
      />
      {value.value !== null && (
        <span
          class={`bar-fill${level === null ? '' : ` level-${level}`}`}
          style={{ left: pct(Math.min(zero, at)), width: pct(Math.abs(at - zero)) }}
        />
      )}
      <span class="bar-zero" style={{ left: pct(zero) }} />
      {peakKw !== null && <span class="bar-peak" style={{ left: pct(share(peakKw, low, high)) }} />}
    </span>
  );
}

/** Loading of a branch or transformer: its rating is at 100 %, and a sixth of the bar lies beyond. */
export function LoadingBar({ value, label }: { value: ValueView; label: string }) {
  const level = loadingLevel(value.value);
  const text =
    value.value === null
      ? t('{label}: unknown', { label })
      : t('{label}: {value} % of its rating', { label, value: percent(value.value) });
  return (
    <span class={`bar is-${freshness(value)} from-${value.origin}`} role="img" aria-label={text}>
      <span class="bar-band" style={{ left: '0%', right: pct(1 - share(100, 0, 120)) }} />
      {value.value !== null && (
        <span
          class={`bar-fill${level === null ? '' : ` level-${level}`}`}
          style={{ left: '0%', width: pct(share(value.value, 0, 120)) }}
        />
      )}
    </span>
  );
}

interface VoltageBarProps {
  readonly low: ValueView;
  readonly high: ValueView;
  readonly limits: { readonly vMinPu: number; readonly vMaxPu: number };
  readonly label: string;
}

/** The range of voltages within their limits. */
export function VoltageBar({ low, high, limits, label }: VoltageBarProps) {
  const room = (limits.vMaxPu - limits.vMinPu) / 6;
  const [from, to] = [limits.vMinPu - room, limits.vMaxPu + room];
  const levels = [voltageLevel(low.value, limits), voltageLevel(high.value, limits)];
  const level = levels.includes(1) ? 1 : levels.includes(2) ? 2 : null;
  const known = low.value !== null && high.value !== null;
  const text = known
    ? t('{label}: {low} to {high} pu, limits {least} to {most}', {
        label,
        low: pu(low.value),
        high: pu(high.value),
        least: pu(limits.vMinPu),
        most: pu(limits.vMaxPu),
      })
    : t('{label}: unknown', { label });
  const [left, right] = [share(low.value ?? 0, from, to), share(high.value ?? 0, from, to)];
  return (
    <span class={`bar is-${freshness(low)} from-${low.origin}`} role="img" aria-label={text}>
      <span
        class="bar-band"
        style={{ left: pct(share(limits.vMinPu, from, to)), right: pct(1 - share(limits.vMaxPu, from, to)) }}
      />
      <span class="bar-nominal" style={{ left: pct(share(1, from, to)) }} />
      {known && (
        <span
          class={`bar-range${level === null ? '' : ` level-${level}`}`}
          style={{ left: pct(left), width: pct(Math.max(0.02, right - left)) }}
        />
      )}
    </span>
  );
}
