import { deltaToStar, noLoadPower } from './nameplate.ts';
import type { ThreeWindingTransformer, Transformer } from './network.ts';
import type { Element, Omit } from './power-grid-model-element.ts';

/** Tap as steps from neutral, clamped to its range and counted in the direction of rising voltage. */
function tapOf(
  of: Element,
  ratedVolt: number,
): { tapPosition: number; tapStepPct: number; tapMin: number; tapMax: number } {
  const nominal = of.number('tap_nom', 0);
  const [least, most] = [of.number('tap_min', nominal), of.number('tap_max', nominal)];
  const direction = most > least ? 1 : -1;
  const limited = Math.max(Math.min(least, most), Math.min(Math.max(least, most), of.number('tap_pos', nominal)));
  const ends = [direction * (least - nominal), direction * (most - nominal)];
  return {
    tapPosition: direction * (limited - nominal) || 0,
    tapStepPct: (of.number('tap_size', 0) / ratedVolt) * 100,
    tapMin: Math.min(...ends) || 0,
    tapMax: Math.max(...ends) || 0,
  };
}

function tapDependent(of: Element, names: readonly string[], omit: Omit): void {
  for (const name of names)
    if (of.maybe(name) !== undefined) omit(of, name, 'impedance varies by tap position: used the value at nominal tap');
}

export function readTransformer(of: Element, kv: ReadonlyMap<string, number>, omit: Omit): Transformer {
  const from = of.ref('from_node');
  const [u1, u2, sn] = [of.number('u1'), of.number('u2'), of.number('sn')];
  const z = of.number('uk');
  const r = of.number('pk') / sn;
  const ohm = (u2 * u2) / sn;
  const scale = ((kv.get(from) ?? 0) / (u1 / 1000)) ** 2;
  const { ironKw, magnetisingKvar } = noLoadPower(of.number('p0') / 1000, of.number('i0') * 100, sn / 1000);
  tapDependent(of, ['uk_min', 'uk_max', 'pk_min', 'pk_max'], omit);
  const side = of.number('tap_side', 0);
  const shift = (of.number('clock') % 12) * 30;
  return {
    id: of.id,
    from,
    to: of.ref('to_node'),
    ratedKva: sn / 1000,
    ratedFromKv: u1 / 1000,
    ratedToKv: u2 / 1000,
    rOhm: r * ohm,
    xOhm: Math.sign(z) * Math.sqrt(Math.max(0, z * z - r * r)) * ohm,
    ironKw: ironKw * scale,
    magnetisingKvar: magnetisingKvar * scale,
    noLoadAt: 'both',
    tapSide: side === 0 ? 'from' : 'to',
    ...tapOf(of, side === 0 ? u1 : u2),
    shiftDeg: shift,
  };
}

export function readThreeWinding(of: Element, kv: ReadonlyMap<string, number>, omit: Omit): ThreeWindingTransformer {
  const highBus = of.ref('node_1');
  const [u1, u2, u3] = [of.number('u1'), of.number('u2'), of.number('u3')];
  const [s1, s2, s3] = [of.number('sn_1'), of.number('sn_2'), of.number('sn_3')];
  const least = { hm: Math.min(s1, s2), ml: Math.min(s2, s3), hl: Math.min(s1, s3) };
  const pair = { hm: '12', ml: '23', hl: '13' };
  const r = { hm: 0, ml: 0, hl: 0 };
  const z = { hm: 0, ml: 0, hl: 0 };
  for (const key of ['hm', 'ml', 'hl'] as const) {
    r[key] = of.number(`pk_${pair[key]}`) / least[key] ** 2;
    z[key] = of.number(`uk_${pair[key]}`) / least[key];
    tapDependent(
      of,
      ['uk', 'pk'].flatMap((name) => ['min', 'max'].map((end) => `${name}_${pair[key]}_${end}`)),
      omit,
    );
  }
  // The star is computed from impedance magnitudes; the reactance of each leg follows from its own magnitude and resistance.
  const legs = deltaToStar(r).map((leg, at): [number, number] => {
    const whole = deltaToStar(z)[at]!;
    return [leg * u1 * u1, Math.sign(whole) * Math.sqrt(Math.max(0, whole * whole - leg * leg)) * u1 * u1];
  });
  const [[rHighOhm, xHighOhm], [rMediumOhm, xMediumOhm], [rLowOhm, xLowOhm]] = legs as [
    [number, number],
    [number, number],
    [number, number],
  ];
  const scale = ((kv.get(highBus) ?? 0) / (u1 / 1000)) ** 2;
  const { ironKw, magnetisingKvar } = noLoadPower(of.number('p0') / 1000, of.number('i0') * 100, s1 / 1000);
  const side = of.number('tap_side', 0);
  return {
    id: of.id,
    highBus,
    mediumBus: of.ref('node_2'),
    lowBus: of.ref('node_3'),
    ratedHighKv: u1 / 1000,
    ratedMediumKv: u2 / 1000,
    ratedLowKv: u3 / 1000,
    ratedHighKva: s1 / 1000,
    ratedMediumKva: s2 / 1000,
    ratedLowKva: s3 / 1000,
    rHighOhm,
    xHighOhm,
    rMediumOhm,
    xMediumOhm,
    rLowOhm,
    xLowOhm,
    ironKw: ironKw * scale,
    magnetisingKvar: magnetisingKvar * scale,
    noLoadAt: 'both',
    shiftMediumDeg: (of.number('clock_12') % 12) * 30,
    shiftLowDeg: (of.number('clock_13') % 12) * 30,
    tapSide: side === 0 ? 'high' : side === 1 ? 'medium' : 'low',
    ...tapOf(of, [u1, u2, u3][side] ?? u1),
  };
}
