import type { Network, NoLoadAt, ThreeWindingTransformer, Transformer } from './network.ts';
import { legsOf } from './three-winding.ts';

export type Written = Record<string, number>;

export interface Writing {
  readonly network: Network;
  /** Number of an element, assigned on first use. Ids that are numbers already keep theirs. */
  readonly number: (kind: string, id: string) => number;
  readonly node: (bus: string) => number;
  readonly omit: (element: string, field: string, detail: string, changesResult: boolean) => void;
  /** 0 if the branch is out of service or a switch has opened it at the bus. */
  readonly status: (branch: string, bus: string, closed: boolean | undefined) => number;
  readonly hz: number;
}

interface NoLoad {
  readonly ironKw?: number;
  readonly magnetisingKvar?: number;
  readonly noLoadAt?: NoLoadAt;
}

/** No-load losses and current for the nameplate. Only the pi model is exact; others are reported. */
function noLoadOf(
  of: NoLoad,
  element: string,
  at: { readonly scale: number; readonly ratedKva: number; omit: Writing['omit'] },
): { p0: number; i0: number } {
  const iron = (of.ironKw ?? 0) * at.scale;
  const magnetising = (of.magnetisingKvar ?? 0) * at.scale;
  if ((iron !== 0 || magnetising !== 0) && of.noLoadAt !== 'both')
    at.omit(element, 'noLoadAt', `"${of.noLoadAt ?? 'from'}": written as half at each end`, true);
  if (magnetising < 0) at.omit(element, 'magnetisingKvar', 'negative: written as 0', true);
  return { p0: iron * 1000, i0: Math.hypot(iron, Math.max(0, magnetising)) / at.ratedKva };
}

function clockOf(shiftDeg: number | undefined, element: string, omit: Writing['omit']): number {
  const clock = Math.round((shiftDeg ?? 0) / 30);
  if (Math.abs(clock * 30 - (shiftDeg ?? 0)) > 1e-9)
    omit(element, 'shiftDeg', `written as ${clock * 30}: only clock numbers are possible`, true);
  return ((clock % 12) + 12) % 12;
}

/** Windings that allow the clock number: wye-wye for even numbers, delta-wye for odd ones. */
const windingFor = (clock: number): number => (clock % 2 === 0 ? 1 : 2);

function tapOf(of: Pick<Transformer, 'tapPosition' | 'tapStepPct' | 'tapMin' | 'tapMax'>, ratedKv: number): Written {
  const position = of.tapPosition ?? 0;
  const whole = Number.isInteger(position) && Math.abs(position) < 127;
  const step = (of.tapStepPct ?? 0) * ratedKv * 10;
  return {
    tap_pos: whole ? position : 1,
    tap_min: whole ? Math.min(of.tapMin ?? position, position, 0) : 0,
    tap_max: whole ? Math.max(of.tapMax ?? position, position, 0, (of.tapMin ?? 0) + 1) : 1,
    tap_nom: 0,
    tap_size: whole ? step : step * position,
  };
}

export function transformerOf(
  transformer: Transformer,
  nominalKv: number,
  { number, node, status, omit }: Writing,
): Written {
  const { id, ratedFromKv, ratedToKv, ratedKva } = transformer;
  const element = `transformer "${id}"`;
  const clock = clockOf(transformer.shiftDeg, element, omit);
  const ohm = (ratedToKv ** 2 * 1000) / ratedKva;
  if (transformer.xOhm < 0 || transformer.rOhm < 0) omit(element, 'xOhm', 'negative: written as its magnitude', true);
  const scale = (ratedFromKv / nominalKv) ** 2;
  const atTo = transformer.tapSide === 'to';
  return {
    id: number('transformer', id),
    from_node: node(transformer.from),
    to_node: node(transformer.to),
    from_status: status(id, transformer.from, transformer.closed),
    to_status: status(id, transformer.to, transformer.closed),
    u1: ratedFromKv * 1000,
    u2: ratedToKv * 1000,
    sn: ratedKva * 1000,
    uk: Math.hypot(transformer.rOhm, transformer.xOhm) / ohm,
    pk: (Math.abs(transformer.rOhm) / ohm) * ratedKva * 1000,
    ...noLoadOf(transformer, element, { scale, ratedKva, omit }),
    winding_from: windingFor(clock),
    winding_to: 1,
    clock,
    tap_side: atTo ? 1 : 0,
    ...tapOf(transformer, atTo ? ratedToKv : ratedFromKv),
  };
}

export function windingsOf(
  winding: ThreeWindingTransformer,
  nominalKv: number,
  { number, node, status, omit }: Writing,
): Written {
  const element = `three-winding transformer "${winding.id}"`;
  const square = winding.ratedHighKv ** 2;
  const [high, medium, low] = legsOf(winding).map(({ leg }) => ({
    r: leg.rOhm / square,
    z: (Math.sign(leg.xOhm) || 1) * (Math.hypot(leg.rOhm, leg.xOhm) / square),
    mva: leg.ratedKva / 1000,
  })) as [Star, Star, Star];
  const between = (a: Star, b: Star): { uk: number; pk: number } => {
    const least = Math.min(a.mva, b.mva);
    return { uk: (a.z + b.z) * least, pk: (a.r + b.r) * least ** 2 * 1e6 };
  };
  const [hm, hl, ml] = [between(high, medium), between(high, low), between(medium, low)];
  const clock12 = clockOf(winding.shiftMediumDeg, element, omit);
  const clock13 = clockOf(winding.shiftLowDeg, element, omit);
  const side = { high: 0, medium: 1, low: 2 }[winding.tapSide ?? 'high'];
  const ratedKv = [winding.ratedHighKv, winding.ratedMediumKv, winding.ratedLowKv][side]!;
  const scale = (winding.ratedHighKv / nominalKv) ** 2;
  if (clock12 % 2 !== clock13 % 2) omit(element, 'shiftLowDeg', 'one odd and one even clock number', true);
  return {
    id: number('three-winding transformer', winding.id),
    node_1: node(winding.highBus),
    node_2: node(winding.mediumBus),
    node_3: node(winding.lowBus),
    status_1: status(winding.id, winding.highBus, winding.closed),
    status_2: status(winding.id, winding.mediumBus, winding.closed),
    status_3: status(winding.id, winding.lowBus, winding.closed),
    u1: winding.ratedHighKv * 1000,
    u2: winding.ratedMediumKv * 1000,
    u3: winding.ratedLowKv * 1000,
    sn_1: winding.ratedHighKva * 1000,
    sn_2: winding.ratedMediumKva * 1000,
    sn_3: winding.ratedLowKva * 1000,
    uk_12: hm.uk,
    uk_13: hl.uk,
    uk_23: ml.uk,
    pk_12: hm.pk,
    pk_13: hl.pk,
    pk_23: ml.pk,
    ...noLoadOf(winding, element, { scale, ratedKva: winding.ratedHighKva, omit }),
    winding_1: windingFor(clock12),
    winding_2: 1,
    winding_3: 1,
    clock_12: clock12,
    clock_13: clock13,
    tap_side: side,
    ...tapOf(winding, ratedKv),
  };
}

interface Star {
  readonly r: number;
  readonly z: number;
  readonly mva: number;
}
