import type { FrequencyDroop, GridCode } from '../../../shared/grid/grid-codes.ts';
import type { Curve } from '../../../shared/grid/inverter-curves.ts';
import { formatMessage } from '../../../shared/sentences/message-forms.ts';
import { splitBlock, type RegisterImage } from '../modbus/blocks.ts';
import type { Parameters, RegisterWrite } from '../modbus/profile.ts';
import { turn } from '../sign.ts';
import { curveLayouts, droopLayout, type CurveLayout } from './curve-models.ts';
import type { Point } from './models.ts';
import { joined, putOf, resolution, valueOf, type FoundModel } from './points.ts';

/** A point of a function and its required value. */
type Wanted = readonly [name: string, point: Point, value: number];

interface CodeFunction {
  readonly model: FoundModel;
  readonly name: string;
  /** Where the settings in force are read. */
  readonly holds: readonly Wanted[];
  /** Where they are written, in the order on the wire. */
  readonly puts: readonly Wanted[];
}

export interface Rating {
  /** Apparent over active power. */
  readonly kvaPerKw: number;
}

const ON = 1;

/**
 * The functions of a grid code as parameters of a device's models: 705, 706 and 711 if it has them, otherwise 126 and 132. Watt-var
 * (712) is switched off, because it and volt-var exclude one another (IEEE 1547-2018, 5.3.1). Reactive power is converted to the
 * generator convention here.
 */
export function gridParameters(code: GridCode, models: readonly FoundModel[], rating: Rating): Parameters {
  const of = (id: number): FoundModel | undefined => models.find((model) => model.id === id);
  const vars = turned(code.voltVar.curve);
  const watts = code.voltWatt.curve;
  const curves = (image: RegisterImage): (CodeFunction | undefined)[] => [
    curveFunction(of(705), { curve: vars, responseS: code.voltVar.responseS, image }) ??
      curveFunction(of(126), { curve: scaled(vars, rating.kvaPerKw), responseS: undefined, image }),
    curveFunction(of(706), { curve: watts, responseS: code.voltWatt.responseS, image }) ??
      curveFunction(of(132), { curve: watts, responseS: undefined, image }),
    droopFunction(of(711), code.droop, image),
    switchedOff(of(712)),
  ];
  const used = [of(705) ?? of(126), of(706) ?? of(132), of(711), of(712)].filter((model) => model !== undefined);
  return {
    blocks: used.flatMap(({ address, length }) => splitBlock({ table: 'holding', address, count: length + 2 })),
    differences: (image) => {
      const lacking = [of(705) ?? of(126) ?? 'volt-var', of(706) ?? of(132) ?? 'volt-watt'];
      const missing = lacking.filter((each) => typeof each === 'string');
      const found = curves(image).filter((each) => each !== undefined);
      return [
        ...missing.map((name) => formatMessage('LS-DEVICE-005', 'it has no {function}', { function: name })),
        ...found.flatMap((each) => different(each, image)),
      ];
    },
    writes: (image) =>
      curves(image).flatMap((each) =>
        each === undefined || different(each, image).length === 0 ? [] : put(each, image),
      ),
  };
}

const turned = (curve: Curve): Curve =>
  curve.map(([x, value]) => [x, turn('generation-positive', 'reactivePowerKvar', value)]);
const scaled = (curve: Curve, by: number): Curve => curve.map(([x, value]) => [x, value * by]);

interface CurveInput {
  readonly curve: Curve;
  readonly responseS: number | undefined;
  readonly image: RegisterImage;
}

function curveFunction(model: FoundModel | undefined, input: CurveInput): CodeFunction | undefined {
  const layout = model === undefined ? undefined : curveLayouts[model.id];
  if (model === undefined || layout === undefined) return undefined;
  const points = valueOf(model, input.image, layout.points) ?? 0;
  const curves = valueOf(model, input.image, layout.curves) ?? 0;
  // The first curve of the newer models shows the one in force and is read-only, so there must be another.
  const slot = layout.adopt === undefined ? 1 : 2;
  if (points < input.curve.length || curves < slot) return undefined;
  const fitting = { ...input, points };
  const holds = pointsOf(layout, 1, fitting);
  const enable: Wanted = ['is switched on', layout.enabled, ON];
  const choose: Wanted[] =
    layout.adopt === undefined ? [['has curve', layout.active!, slot]] : [['takes curve', layout.adopt, slot]];
  return {
    model,
    name: layout.name,
    holds: [...holds, ...(layout.adopt === undefined ? choose : []), enable],
    puts: [...pointsOf(layout, slot, fitting), ...choose, enable],
  };
}

function pointsOf(
  layout: CurveLayout,
  slot: number,
  { curve, responseS, points }: CurveInput & { readonly points: number },
): Wanted[] {
  const at = layout.first + (slot - 1) * layout.size(points);
  const moved = (point: Point): Point => ({ ...point, at: at + point.at });
  return [
    ['has corners', moved(layout.count), curve.length],
    ['counts by', moved(layout.reference), layout.referenceTo],
    ...(responseS === undefined || layout.response === undefined
      ? []
      : [['responds in s', moved(layout.response), responseS] as const]),
    ...curve.flatMap(([x, value], index): Wanted[] => [
      [`corner ${index + 1} at %`, moved(layout.x(index)), x * 100],
      [`corner ${index + 1} to %`, moved(layout.y(index)), value * 100],
    ]),
  ];
}

function droopFunction(
  model: FoundModel | undefined,
  droop: FrequencyDroop,
  image: RegisterImage,
): CodeFunction | undefined {
  const controls = model === undefined ? 0 : (valueOf(model, image, droopLayout.controls) ?? 0);
  if (model === undefined || controls < 2) return undefined;
  // Nine registers, or ten with the minimum power.
  const size = Math.floor((model.length + 2 - droopLayout.first) / controls);
  const wanted = (slot: number): Wanted[] => {
    const moved = (point: Point): Point => ({ ...point, at: droopLayout.first + (slot - 1) * size + point.at });
    return [
      ['dead band above Hz', moved(droopLayout.over), droop.overHz],
      ['dead band below Hz', moved(droopLayout.under), droop.underHz],
      ['slope above', moved(droopLayout.overDroop), droop.droop],
      ['slope below', moved(droopLayout.underDroop), droop.droop],
      ['responds in s', moved(droopLayout.response), droop.responseS],
    ];
  };
  const enable: Wanted = ['is switched on', droopLayout.enabled, ON];
  return {
    model,
    name: formatMessage('LS-DEVICE-005', 'frequency droop'),
    holds: [...wanted(1), enable],
    puts: [...wanted(2), ['takes control', droopLayout.adopt, 2], enable],
  };
}

function switchedOff(model: FoundModel | undefined): CodeFunction | undefined {
  if (model === undefined) return undefined;
  const off: Wanted = ['is switched on', curveLayouts[712]!.enabled, 0];
  return { model, name: 'watt-var', holds: [off], puts: [off] };
}

/** Differences larger than the resolution of the device's scale factor, in words. */
function different({ model, name: of, holds }: CodeFunction, image: RegisterImage): string[] {
  return holds.flatMap(([name, point, value]) => {
    const held = valueOf(model, image, point);
    const step = resolution(model, image, point);
    if (held !== undefined && Math.abs(held - value) <= step / 2 + 1e-9) return [];
    return [
      formatMessage('LS-DEVICE-005', '{what}: {held} instead of {wanted}', {
        what: `${of} ${name}`,
        held: held === undefined ? formatMessage('LS-DEVICE-005', 'nothing') : Number(held.toFixed(4)),
        wanted: Number(value.toFixed(4)),
      }),
    ];
  });
}

const put = ({ model, puts }: CodeFunction, image: RegisterImage): RegisterWrite[] =>
  joined(puts.flatMap(([, point, value]) => putOf(model, image, point, { value }) ?? []));
