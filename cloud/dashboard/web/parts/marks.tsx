import type { Level, Priority } from '../lib/assess.ts';
import { t, type Text } from '../words/t.ts';

const NAMES: Readonly<Record<Priority, Text>> = { 1: 'Priority 1', 2: 'Priority 2', 3: 'Priority 3' };

/** Priority by shape, colour and name: red square, amber triangle, yellow circle. */
export function PriorityMark({
  level,
  label,
  hollow = false,
}: {
  level: Level;
  label?: string | undefined;
  /** Already acknowledged: only the outline. */
  hollow?: boolean;
}) {
  if (level === null) return null;
  return (
    <svg class={`mark${hollow ? ' hollow' : ''}`} viewBox="0 0 14 14" role="img" aria-label={label ?? t(NAMES[level])}>
      <PriorityShape level={level} />
    </svg>
  );
}

/** The shape alone, 14 by 14, for use within a drawing. */
export const PriorityShape = ({ level }: { level: Priority }) => (
  <g class={`shape p${level}`}>
    {level === 1 && <rect x="1.5" y="1.5" width="11" height="11" />}
    {level === 2 && <path d="M7 1 13.4 12.6 H.6Z" />}
    {level === 3 && <circle cx="7" cy="7" r="5.6" />}
  </g>
);

export type LightState = 'up' | 'part' | 'down' | 'unknown';

/** State of a link: plain while it is up, with its own shape and colour otherwise. */
export function LinkMark({ state }: { state: LightState }) {
  return (
    <svg class={`mark link-${state}`} viewBox="0 0 14 14" aria-hidden="true">
      {state === 'up' && <circle cx="7" cy="7" r="4" />}
      {state === 'part' && <path d="M7 1 13.4 12.6 H.6Z" />}
      {state === 'down' && <rect x="1.5" y="1.5" width="11" height="11" />}
      {state === 'unknown' && <circle cx="7" cy="7" r="4.5" class="hollow" />}
    </svg>
  );
}

const DEVICE_PATHS: Readonly<Record<string, string>> = {
  battery: 'M2 5h10v6H2z M12 7h1.5v2H12z M4.5 7v2 M7 7v2',
  'pv-inverter': 'M3.5 3h9l-2 9H1.5z M5.6 3 3.8 12 M9 3 7.2 12 M2.6 7.5h9',
  'ev-site':
    'M3 12V3.5A1.5 1.5 0 0 1 4.5 2h3A1.5 1.5 0 0 1 9 3.5V12 M2 12.5h8 M9 7h1.5v3.5a1.2 1.2 0 0 0 2.4 0V5.5L11 4 M4.8 5h2.4',
  'flexible-load': 'M8 1.5 3.5 8H7l-1 5 4.8-7H7.3z',
  'tap-changer': 'M5 4.5a3 3 0 1 0 .1 0 M9 9.5a3 3 0 1 0 .1 0 M2 13 12 2',
};

export function DeviceIcon({ type }: { type: string }) {
  return <path class="glyph" d={DEVICE_PATHS[type] ?? 'M3 3h8v8H3z'} />;
}

export const DeviceGlyph = ({ type }: { type: string }) => (
  <svg class="device-glyph" viewBox="0 0 15 15" aria-hidden="true">
    <DeviceIcon type={type} />
  </svg>
);
