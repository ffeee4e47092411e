import type { BusView, DeviceView, ValueView } from '../../../../shared/contracts/view.ts';
import { voltageLevel } from '../lib/assess.ts';
import { shadeOf, type Geometry } from '../lib/diagram-geometry.ts';
import { kw, number, pu } from '../lib/format.ts';
import type { Placed } from '../lib/layout.ts';
import { DeviceIcon, PriorityShape } from './marks.tsx';
import { freshness } from './value.tsx';
import { t, translate } from '../words/t.ts';

const GAUGE = { long: 46, thick: 9 };

interface BusNodeProps {
  readonly node: Placed;
  readonly geometry: Geometry;
  readonly bus: BusView | undefined;
  readonly name: string;
  readonly devices: readonly DeviceView[];
  /** Devices that the plan does not control, with the reason for each. */
  readonly held: ReadonlyMap<string, string>;
  /** True if an open switch is connected to the bus. */
  readonly open: boolean;
  readonly selected: boolean;
  readonly onSelect: (bus: string) => void;
}

/** A bus with its voltage between the limits, and its devices. */
export function BusNode({ node, geometry, bus, name, devices, held, open, selected, onSelect }: BusNodeProps) {
  const { x, y } = geometry.at(node);
  const { across } = geometry;
  const value = bus?.voltagePu;
  const state = value === undefined ? 'unknown' : freshness(value);
  const level = bus === undefined ? null : voltageLevel(bus.voltagePu.value, bus);
  const volts = state === 'unknown' ? '?' : pu(value?.value ?? null);
  const deviceKw = (device: DeviceView): string =>
    device.activePowerKw.value === null ? '?' : kw(device.activePowerKw.value);
  const label = [
    [name, volts, ...devices.map(deviceKw)].join(' '),
    state === 'unknown' ? t('bus, voltage unknown') : t('bus, voltage in pu'),
    value === undefined ? '' : translate(value.origin),
    state === 'stale' ? t('stale') : '',
    node.fed ? '' : t('not fed'),
    open ? t('open switch') : '',
    ...devices.map((device) => t('{name} in kW', { name: device.name })),
    ...devices.map(({ id }) => held.get(id) ?? ''),
  ];
  return (
    <g
      class={`bus is-${state} from-${value?.origin ?? 'estimated'}${level === null ? '' : ` level-${level}`}${selected ? ' selected' : ''}${node.fed ? '' : ' unfed'}`}
      transform={`translate(${x} ${y})`}
      role="button"
      tabindex={selected ? 0 : -1}
      aria-pressed={selected}
      aria-label={label.filter(Boolean).join(', ')}
      data-bus={node.id}
      onClick={() => onSelect(node.id)}
      onKeyDown={(event) => (event.key === 'Enter' || event.key === ' ') && (event.preventDefault(), onSelect(node.id))}
    >
      <rect
        class="bus-hit"
        x={across ? -21 : -42}
        y={across ? -44 : -16}
        width={across ? 42 : 68}
        height={across ? 86 : 40}
        rx="3"
      />
      {open && <path class="stub" d={across ? 'M5 -14 12 -21 M10 -26h6v6h-6z' : 'M14 -5 21 -12 M20 -17h6v6h-6z'} />}
      <g transform={across ? '' : 'rotate(90)'}>
        <Gauge bus={bus} state={state} />
      </g>
      <text class="bus-name" x={across ? 0 : -27} y={across ? -29 : 4} text-anchor={across ? 'middle' : 'end'}>
        {name}
      </text>{' '}
      <text class="bus-volts" x="0" y={across ? 36 : 19} text-anchor="middle">
        {level === 1 ? '■ ' : level === 2 ? '▲ ' : ''}
        {volts}
      </text>{' '}
      {devices.map((device, index) => (
        <g
          key={device.id}
          class={`bus-device link-${device.link}`}
          transform={`translate(${across ? -24 : -56} ${(across ? 43 : 25) + 15 * index})`}
        >
          {held.has(device.id) && <rect class="in-hand" x="-1.5" y="-0.5" width="18" height="15" rx="2" />}
          <DeviceIcon type={device.type} />
          <text x={across ? 19 : 50} y="11" text-anchor={across ? 'start' : 'end'}>
            {`${deviceKw(device)} `}
          </text>
        </g>
      ))}
    </g>
  );
}

interface FarBusProps extends Pick<BusNodeProps, 'node' | 'geometry' | 'bus' | 'name' | 'selected' | 'onSelect'> {
  /** Scale of its marks relative to the drawing, which keeps their size on the screen. */
  readonly enlarged: number;
}

/** A bus seen from far: a dot, a mark if it is abnormal, and its name if it is selected. Only the selected one is a control. */
export function FarBus({ node, geometry, bus, name, selected, enlarged, onSelect }: FarBusProps) {
  const { x, y } = geometry.at(node);
  // There is no room before the head, so its name goes behind it.
  const isHead = node.parent === null;
  const level = bus === undefined ? null : voltageLevel(bus.voltagePu.value, bus);
  const volts = bus === undefined || freshness(bus.voltagePu) === 'unknown' ? '?' : pu(bus.voltagePu.value);
  const control = selected
    ? {
        role: 'button' as const,
        tabindex: 0,
        'aria-pressed': true,
        'aria-label': t('{name} {volts}, bus, voltage in pu', { name, volts }),
      }
    : {};
  return (
    <g
      class={`bus far-bus${selected ? ' selected' : ''}`}
      transform={`translate(${x} ${y}) scale(${enlarged})`}
      data-bus={node.id}
      onClick={() => onSelect(node.id)}
      {...control}
    >
      {selected && <rect class="bus-hit" x="-18" y={isHead ? -14 : -26} width="36" height="40" rx="3" />}
      {level === null && <circle class="far-dot" r={selected ? 4 : 2} />}
      {level !== null && (
        <g transform="translate(-6 -6) scale(0.86)">
          <PriorityShape level={level} />
        </g>
      )}
      {selected && (
        <text class="bus-name" y={isHead ? 20 : -12} text-anchor="middle">
          {name}
        </text>
      )}
    </g>
  );
}

/** Upright gauge with the middle of the limits at its centre. The pointer is the voltage, the shade two standard errors around it. */
function Gauge({ bus, state }: { bus: BusView | undefined; state: string }) {
  const half = GAUGE.long / 2;
  const outline = <rect class="gauge-outline" x={-GAUGE.thick / 2} y={-half} width={GAUGE.thick} height={GAUGE.long} />;
  if (bus === undefined || bus.voltagePu.value === null) return outline;
  const { vMinPu, vMaxPu, voltagePu } = bus;
  const perPu = (half * 0.72) / ((vMaxPu - vMinPu) / 2);
  const middle = (vMaxPu + vMinPu) / 2;
  const at = Math.max(-half, Math.min(half, -(voltagePu.value! - middle) * perPu));
  const shade = shadeOf(at, Math.max(0, (voltagePu.error ?? 0) * perPu), half);
  return (
    <>
      {outline}
      <rect class="gauge-band" x={-GAUGE.thick / 2} y={-half * 0.72} width={GAUGE.thick} height={half * 1.44} />
      {shade.height > 0 && (
        <rect class="gauge-error" x={-GAUGE.thick / 2} y={shade.y} width={GAUGE.thick} height={shade.height} />
      )}
      {state === 'stale' && (
        <rect x={-GAUGE.thick / 2} y={-half} width={GAUGE.thick} height={GAUGE.long} fill="url(#hatch)" />
      )}
      <rect class="gauge-pointer" x={-GAUGE.thick / 2 - 3} y={at - 1.5} width={GAUGE.thick + 6} height="3" />
    </>
  );
}

/** The transformer before the head, with the position of its tap changer. */
export function Tap({ tap, across }: { tap: ValueView; across: boolean }) {
  const text =
    tap.value === null
      ? t('tap unknown')
      : t('tap {position}', { position: `${tap.value > 0 ? '+' : ''}${number(tap.value)}` });
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
