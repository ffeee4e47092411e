import { named, type Reading } from './pandapower-reading.ts';
import { atTap, type AtTap } from './pandapower-tap-tables.ts';
import type { Row } from './pandapower-tables.ts';
import { deltaToStar, noLoadPower } from './nameplate.ts';
import type { ThreeWindingTransformer, Transformer } from './network.ts';

const radians = Math.PI / 180;

/** A transformer's tap if it can stay movable; any other tap is folded into the rated voltages and the shift. */
interface Tapped {
  readonly highKv: number;
  readonly lowKv: number;
  readonly shiftDeg: number;
  readonly tap: Pick<Transformer, 'tapSide' | 'tapPosition' | 'tapStepPct' | 'tapMin' | 'tapMax'>;
}

export function readTransformers(reading: Reading): Transformer[] {
  const { tables, nominalKv, model, inService, omit } = reading;
  const found: Transformer[] = [];
  for (const row of tables.get('trafo')?.rows ?? []) {
    if (!inService(row)) continue;
    const from = row.ref('hv_bus');
    const sheet = atTap(reading, row);
    const { highKv, lowKv, shiftDeg, tap } = tapped(row, omit, sheet);
    const mva = row.number('sn_mva');
    const parallel = row.number('parallel', 1);
    const [z, r] = ['vk_percent', 'vkr_percent'].map((field) => (sheet.value(field) ?? row.number(field)) / 100) as [
      number,
      number,
    ];
    const ohm = lowKv ** 2 / mva / parallel;
    const scale = parallel * ((nominalKv.get(from) ?? highKv) / highKv) ** 2;
    const { ironKw, magnetisingKvar } = noLoadPower(row.number('pfe_kw', 0), row.number('i0_percent', 0), mva * 1000);
    row.raw('vector_group');
    found.push({
      id: `trafo-${row.index}`,
      ...named(row),
      from,
      to: row.ref('lv_bus'),
      ratedKva: mva * parallel * row.number('df', 1) * 1000,
      ratedFromKv: highKv,
      ratedToKv: lowKv,
      rOhm: r * ohm,
      xOhm: Math.sign(z) * Math.sqrt(Math.max(0, z * z - r * r)) * ohm,
      ...(ironKw === 0 && magnetisingKvar === 0
        ? {}
        : { ironKw: ironKw * scale, magnetisingKvar: magnetisingKvar * scale, noLoadAt: model }),
      ...tap,
      ...(shiftDeg === 0 ? {} : { shiftDeg }),
    });
  }
  return found;
}

/**
 * A plain ratio tap stays a tap. Phase-shifting taps, a second changer, taps with an angle and taps with a table of their own are folded
 * into voltages and shift.
 */
function tapped(row: Row, omit: Reading['omit'], { turns }: AtTap): Tapped {
  let highKv = row.number('vn_hv_kv');
  let lowKv = row.number('vn_lv_kv');
  let shiftDeg = row.number('shift_degree', 0);
  let tap: Tapped['tap'] = {};
  for (const which of ['tap', 'tap2']) {
    const neutral = row.number(`${which}_neutral`, 0);
    const steps = row.number(`${which}_pos`, neutral) - neutral;
    const side = row.text(`${which}_side`);
    const pct = row.number(`${which}_step_percent`, 0);
    const degree = row.number(`${which}_step_degree`, 0);
    const [least, most] = [row.maybe(`${which}_min`), row.maybe(`${which}_max`)];
    const type = changerType(row, which);
    if (which === 'tap' && turns !== undefined) {
      omit(row, 'tap_pos', 'folded into ratio, shift and impedance: the tap can no longer move', false);
      if (side === 'hv') highKv *= turns.ratio;
      if (side === 'lv') lowKv *= turns.ratio;
      shiftDeg += side === 'hv' ? turns.deg : side === 'lv' ? -turns.deg : 0;
      continue;
    }
    if (type === 'none' || side === undefined) {
      if (steps !== 0) omit(row, `${which}_pos`, 'tap changer without type or side: ignored', false);
      continue;
    }
    const high = side === 'hv';
    if (type === 'ratio' && degree === 0 && which === 'tap') {
      tap = {
        tapSide: high ? 'from' : 'to',
        tapPosition: steps,
        tapStepPct: pct,
        ...(least === undefined ? {} : { tapMin: Math.round(least - neutral) }),
        ...(most === undefined ? {} : { tapMax: Math.round(most - neutral) }),
      };
      continue;
    }
    if (type === 'other')
      omit(row, `${which}_changer_type`, `"${row.text(`${which}_changer_type`)}" treated as Ratio`, steps !== 0);
    else omit(row, `${which}_pos`, 'folded into ratio and shift: the tap can no longer move', false);
    const direction = high ? 1 : -1;
    if (type === 'ideal') {
      shiftDeg += direction * (degree === 0 ? (2 * Math.asin((steps * pct) / 200)) / radians : steps * degree);
      continue;
    }
    const along = 1 + ((steps * pct) / 100) * Math.cos(degree * radians);
    const across = ((steps * pct) / 100) * Math.sin(degree * radians);
    if (high) highKv *= Math.hypot(along, across);
    else lowKv *= Math.hypot(along, across);
    shiftDeg += (direction * Math.atan(across / along)) / radians;
  }
  return { highKv, lowKv, shiftDeg, tap };
}

export function readThreeWinding(reading: Reading): ThreeWindingTransformer[] {
  const { tables, nominalKv, model, inService, omit } = reading;
  const found: ThreeWindingTransformer[] = [];
  for (const row of tables.get('trafo3w')?.rows ?? []) {
    if (!inService(row)) continue;
    const highBus = row.ref('hv_bus');
    const sheet = atTap(reading, row);
    const { turned, ...tap } = threeWindingTap(row, omit, sheet);
    const ratedHighKv = row.number('vn_hv_kv');
    const mva = ['hv', 'mv', 'lv'].map((side) => row.number(`sn_${side}_mva`)) as [number, number, number];
    // pandapower's names: vk_hv is between high and medium, vk_mv between medium and low, vk_lv between high and low.
    const pair = { hm: 'hv', ml: 'mv', hl: 'lv' };
    const [r, x] = [
      { hm: 0, ml: 0, hl: 0 },
      { hm: 0, ml: 0, hl: 0 },
    ];
    const least = { hm: Math.min(mva[0], mva[1]), ml: Math.min(mva[1], mva[2]), hl: Math.min(mva[0], mva[2]) };
    for (const key of ['hm', 'ml', 'hl'] as const) {
      const [z, ohmic] = ['vk', 'vkr'].map((name) => {
        const field = `${name}_${pair[key]}_percent`;
        return (sheet.value(field) ?? row.number(field)) / 100 / least[key];
      }) as [number, number];
      r[key] = ohmic;
      x[key] = Math.sqrt(Math.max(0, z * z - r[key] ** 2));
    }
    const ohm = ratedHighKv ** 2;
    const [rHigh, rMedium, rLow] = deltaToStar(r);
    const [xHigh, xMedium, xLow] = deltaToStar(x);
    const { ironKw, magnetisingKvar } = noLoadPower(
      row.number('pfe_kw', 0),
      row.number('i0_percent', 0),
      mva[0] * 1000,
    );
    const scale = ((nominalKv.get(highBus) ?? ratedHighKv) / ratedHighKv) ** 2;
    const lossSide = row.text('loss_side') ?? 'hv';
    if (lossSide !== 'hv' && (ironKw !== 0 || magnetisingKvar !== 0))
      omit(row, 'loss_side', `no-load losses at ${lossSide}: moved to the high side`);
    found.push({
      id: `trafo3w-${row.index}`,
      ...named(row),
      highBus,
      mediumBus: row.ref('mv_bus'),
      lowBus: row.ref('lv_bus'),
      ratedHighKv,
      ratedMediumKv: row.number('vn_mv_kv'),
      ratedLowKv: row.number('vn_lv_kv'),
      ratedHighKva: mva[0] * 1000,
      ratedMediumKva: mva[1] * 1000,
      ratedLowKva: mva[2] * 1000,
      rHighOhm: rHigh * ohm,
      xHighOhm: xHigh * ohm,
      rMediumOhm: rMedium * ohm,
      xMediumOhm: xMedium * ohm,
      rLowOhm: rLow * ohm,
      xLowOhm: xLow * ohm,
      ironKw: ironKw * scale,
      magnetisingKvar: magnetisingKvar * scale,
      noLoadAt: model,
      shiftMediumDeg: row.number('shift_mv_degree', 0) + turned.medium,
      shiftLowDeg: row.number('shift_lv_degree', 0) + turned.low,
      ...tap,
    });
  }
  return found;
}

interface ThreeWindingTap extends Pick<ThreeWindingTransformer, 'tapSide' | 'tapPosition' | 'tapStepPct'> {
  /** Angle that the tap adds to that of the high side ahead of each other side. */
  readonly turned: { readonly medium: number; readonly low: number };
}

function threeWindingTap(row: Row, omit: Reading['omit'], { turns }: AtTap): ThreeWindingTap {
  const neutral = row.number('tap_neutral', 0);
  const steps = row.number('tap_pos', neutral) - neutral;
  const side = row.text('tap_side');
  const still = { medium: 0, low: 0 };
  if (side === undefined || (turns === undefined && changerType(row, 'tap') === 'none')) {
    if (steps !== 0) omit(row, 'tap_pos', 'tap changer without type or side: ignored', false);
    return { turned: still };
  }
  const pct = row.number('tap_step_percent', 0);
  if (turns === undefined && steps !== 0 && row.number('tap_step_degree', 0) !== 0)
    omit(row, 'tap_step_degree', 'phase-shifting tap: treated as a plain ratio');
  if (row.flag('tap_at_star_point', false) && (turns === undefined ? steps !== 0 : turns.ratio !== 1))
    omit(row, 'tap_at_star_point', 'moved to the terminal of its winding');
  const tapSide = side === 'mv' ? 'medium' : side === 'lv' ? 'low' : 'high';
  if (turns === undefined) return { tapSide, tapPosition: steps, tapStepPct: pct, turned: still };
  omit(row, 'tap_pos', 'one tap with the ratio, shift and impedance of its table: it can no longer move', false);
  const { deg } = turns;
  return {
    tapSide,
    tapPosition: 1,
    tapStepPct: 100 * (turns.ratio - 1),
    turned: tapSide === 'high' ? { medium: deg, low: deg } : { ...still, [tapSide]: -deg },
  };
}

/** Files of version 3 name the type. Older files only mark phase shifters. */
function changerType(row: Row, which: string): 'none' | 'ratio' | 'ideal' | 'other' {
  const type = row.raw(`${which}_changer_type`);
  if (row.raw(`${which}_phase_shifter`) === true) return 'ideal';
  if (row.has(`${which}_changer_type`) && (type === undefined || type === 'None')) return 'none';
  if (type === undefined || type === 'Ratio') return 'ratio';
  return type === 'Ideal' ? 'ideal' : 'other';
}
