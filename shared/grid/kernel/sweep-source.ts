import { BRANCH, LANES, RECORD } from './layout.ts';
import { f64x2, get, i32, loopWhile, set, wasmFunction, wasmModule, type Code, type Local } from './wasm-writer.ts';

const { add, sub, mul, div } = f64x2;

/** Offsets of the vectors that hold the lanes. */
const vectors = Array.from({ length: LANES / 2 }, (_, at) => at * 16);
const forEachVector = (body: (offset: number, index: number) => Code): Code => vectors.flatMap(body);
type Declare = (type: 'i32' | 'v128') => Local;
const declare = <Name extends string>(local: Declare, names: readonly Name[]): Readonly<Record<Name, Local>> =>
  Object.fromEntries(names.map((name) => [name, local('v128')])) as Record<Name, Local>;
const step = (pointer: Local, by: number): Code => set(pointer, i32.add(get(pointer), i32.constant(by)));

/** Product of the parent's voltage and the ratio. */
type Turn = Readonly<Record<'aRe' | 'aIm' | 'upRe' | 'upIm', Local>>;
const turnRe = ({ aRe, aIm, upRe, upIm }: Turn): Code => sub(mul(get(aRe), get(upRe)), mul(get(aIm), get(upIm)));
const turnIm = ({ aRe, aIm, upRe, upIm }: Turn): Code => add(mul(get(aRe), get(upIm)), mul(get(aIm), get(upRe)));

/** Converts powers from rows in kW and kvar to per unit, and sets the no-load voltages. The voltages of sources are already set. */
const start = wasmFunction(
  'start',
  ['begin', 'firstFed', 'end', 'activeRows', 'reactiveRows', 'rowBytes', 'base'],
  (at, local) => {
    const node = local('i32');
    const up = local('i32');
    const row = local('i32');
    const v = declare(local, ['base', 'aRe', 'aIm', 'upRe', 'upIm', 'power']);
    const rows = (from: Code, into: number): Code => [
      ...set(row, i32.add(from, i32.load(get(node), RECORD.bus))),
      ...forEachVector((offset) => [
        ...set(v.power, f64x2.loadLane(get(row), get(v.power), 0)),
        ...set(row, i32.add(get(row), at.rowBytes)),
        ...set(v.power, f64x2.loadLane(get(row), get(v.power), 1)),
        ...set(row, i32.add(get(row), at.rowBytes)),
        ...f64x2.store(get(node), into + offset, div(get(v.power), get(v.base))),
      ]),
    ];
    return [
      ...set(v.base, f64x2.loadBoth(at.base, 0)),
      ...set(node, at.begin),
      ...loopWhile(i32.below(get(node), at.end), [
        ...rows(at.activeRows, RECORD.p),
        ...rows(at.reactiveRows, RECORD.q),
        ...step(node, RECORD.bytes),
      ]),
      ...set(node, at.firstFed),
      ...loopWhile(i32.below(get(node), at.end), [
        ...set(up, i32.load(get(node), RECORD.parent)),
        ...set(v.aRe, f64x2.loadBoth(get(node), RECORD.aRe)),
        ...set(v.aIm, f64x2.loadBoth(get(node), RECORD.aIm)),
        ...forEachVector((offset) => [
          ...set(v.upRe, f64x2.load(get(up), RECORD.vRe + offset)),
          ...set(v.upIm, f64x2.load(get(up), RECORD.vIm + offset)),
          ...f64x2.store(get(node), RECORD.vRe + offset, turnRe(v)),
          ...f64x2.store(get(node), RECORD.vIm + offset, turnIm(v)),
        ]),
        ...step(node, RECORD.bytes),
      ]),
    ];
  },
);

/** Current drawn by load and admittance at the voltage in `re` and `im`. */
type Drawing = Readonly<Record<'re' | 'im' | 'inverse' | 'g' | 'b' | 'gLoad' | 'bLoad', Local>>;
const drawing = (node: Local, offset: number, v: Drawing): Code => [
  ...set(v.inverse, div(f64x2.one, add(mul(get(v.re), get(v.re)), mul(get(v.im), get(v.im))))),
  ...set(v.gLoad, add(mul(f64x2.load(get(node), RECORD.p + offset), get(v.inverse)), get(v.g))),
  ...set(v.bLoad, sub(get(v.b), mul(f64x2.load(get(node), RECORD.q + offset), get(v.inverse)))),
  ...f64x2.store(get(node), RECORD.jRe + offset, sub(mul(get(v.gLoad), get(v.re)), mul(get(v.bLoad), get(v.im)))),
  ...f64x2.store(get(node), RECORD.jIm + offset, add(mul(get(v.gLoad), get(v.im)), mul(get(v.bLoad), get(v.re)))),
];
const drawingNames = ['re', 'im', 'inverse', 'g', 'b', 'gLoad', 'bLoad'] as const;
const loadAdmittance = (node: Local, v: Drawing): Code => [
  ...set(v.g, f64x2.loadBoth(get(node), RECORD.g)),
  ...set(v.b, f64x2.loadBoth(get(node), RECORD.b)),
];

/** Currents drawn at the present voltages. */
const draw = wasmFunction('draw', ['begin', 'end'], (at, local) => {
  const node = local('i32');
  const v = declare(local, drawingNames);
  return [
    ...set(node, at.begin),
    ...loopWhile(i32.below(get(node), at.end), [
      ...loadAdmittance(node, v),
      ...forEachVector((offset) => [
        ...set(v.re, f64x2.load(get(node), RECORD.vRe + offset)),
        ...set(v.im, f64x2.load(get(node), RECORD.vIm + offset)),
        ...drawing(node, offset, v),
      ]),
      ...step(node, RECORD.bytes),
    ]),
  ];
});

/** Sums currents from the leaves to the sources. */
const backward = (name: string, ratios: boolean): ReturnType<typeof wasmFunction> =>
  wasmFunction(name, ['firstFed', 'end'], (at, local) => {
    const node = local('i32');
    const up = local('i32');
    const v = declare(local, ['aRe', 'aIm', 'jRe', 'jIm']);
    const more = (value: Code, offset: number): Code =>
      f64x2.store(get(up), offset, add(f64x2.load(get(up), offset), value));
    return [
      ...set(node, i32.add(at.end, i32.constant(-RECORD.bytes))),
      ...loopWhile(i32.notBelow(get(node), at.firstFed), [
        ...set(up, i32.load(get(node), RECORD.parent)),
        ...(ratios
          ? [...set(v.aRe, f64x2.loadBoth(get(node), RECORD.aRe)), ...set(v.aIm, f64x2.loadBoth(get(node), RECORD.aIm))]
          : []),
        ...forEachVector((offset) => {
          const jRe = f64x2.load(get(node), RECORD.jRe + offset);
          const jIm = f64x2.load(get(node), RECORD.jIm + offset);
          if (!ratios) return [...more(jRe, RECORD.jRe + offset), ...more(jIm, RECORD.jIm + offset)];
          return [
            ...set(v.jRe, jRe),
            ...set(v.jIm, jIm),
            ...more(add(mul(get(v.aRe), get(v.jRe)), mul(get(v.aIm), get(v.jIm))), RECORD.jRe + offset),
            ...more(sub(mul(get(v.aRe), get(v.jIm)), mul(get(v.aIm), get(v.jRe))), RECORD.jIm + offset),
          ];
        }),
        ...step(node, -RECORD.bytes),
      ]),
    ];
  });

/**
 * Computes voltages from the sources to the leaves, and the currents drawn at them. Writes one number per lane to `moved`: the largest
 * squared change of a voltage, or NaN if one is NaN (which the sum reveals).
 */
const forward = (name: string, ratios: boolean): ReturnType<typeof wasmFunction> =>
  wasmFunction(name, ['firstFed', 'end', 'moved'], (at, local) => {
    const node = local('i32');
    const up = local('i32');
    const v = declare(local, [
      ...drawingNames,
      ...(['r', 'x', 'aRe', 'aIm', 'jRe', 'jIm', 'upRe', 'upIm', 'square'] as const),
    ]);
    const most = vectors.map(() => local('v128'));
    const sum = vectors.map(() => local('v128'));
    const difference = (now: Local, before: number): Code => sub(get(now), f64x2.load(get(node), before));
    return [
      ...set(node, at.firstFed),
      ...loopWhile(i32.below(get(node), at.end), [
        ...set(up, i32.load(get(node), RECORD.parent)),
        ...set(v.r, f64x2.loadBoth(get(node), RECORD.r)),
        ...set(v.x, f64x2.loadBoth(get(node), RECORD.x)),
        ...loadAdmittance(node, v),
        ...(ratios
          ? [...set(v.aRe, f64x2.loadBoth(get(node), RECORD.aRe)), ...set(v.aIm, f64x2.loadBoth(get(node), RECORD.aIm))]
          : []),
        ...forEachVector((offset, index) => [
          ...set(v.jRe, f64x2.load(get(node), RECORD.jRe + offset)),
          ...set(v.jIm, f64x2.load(get(node), RECORD.jIm + offset)),
          ...set(v.upRe, f64x2.load(get(up), RECORD.vRe + offset)),
          ...set(v.upIm, f64x2.load(get(up), RECORD.vIm + offset)),
          ...set(
            v.re,
            add(sub(ratios ? turnRe(v) : get(v.upRe), mul(get(v.r), get(v.jRe))), mul(get(v.x), get(v.jIm))),
          ),
          ...set(
            v.im,
            sub(sub(ratios ? turnIm(v) : get(v.upIm), mul(get(v.r), get(v.jIm))), mul(get(v.x), get(v.jRe))),
          ),
          ...set(v.jRe, difference(v.re, RECORD.vRe + offset)),
          ...set(v.jIm, difference(v.im, RECORD.vIm + offset)),
          ...set(v.square, add(mul(get(v.jRe), get(v.jRe)), mul(get(v.jIm), get(v.jIm)))),
          ...set(most[index]!, f64x2.larger(get(most[index]!), get(v.square))),
          ...set(sum[index]!, add(get(sum[index]!), get(v.square))),
          ...f64x2.store(get(node), RECORD.vRe + offset, get(v.re)),
          ...f64x2.store(get(node), RECORD.vIm + offset, get(v.im)),
          ...drawing(node, offset, v),
        ]),
        ...step(node, RECORD.bytes),
      ]),
      ...forEachVector((offset, index) =>
        f64x2.store(at.moved, offset, f64x2.notANumberOr(get(sum[index]!), get(most[index]!))),
      ),
    ];
  });

/**
 * Writes voltage magnitudes to rows, and to `losses` the losses of the branches in per unit, one number per lane. Currents must be summed
 * before.
 */
const finish = wasmFunction(
  'finish',
  ['begin', 'firstFed', 'end', 'branches', 'rows', 'rowBytes', 'losses'],
  (at, local) => {
    const node = local('i32');
    const branch = local('i32');
    const row = local('i32');
    const v = declare(local, ['re', 'im', 'r', 'gFrom', 'gTo']);
    const sum = vectors.map(() => local('v128'));
    const square = (re: Code, im: Code): Code => [
      ...set(v.re, re),
      ...set(v.im, im),
      ...add(mul(get(v.re), get(v.re)), mul(get(v.im), get(v.im))),
    ];
    const squareAt = (record: Code, quantity: 'v' | 'j', offset: number): Code =>
      square(
        f64x2.load(record, RECORD[`${quantity}Re`] + offset),
        f64x2.load(record, RECORD[`${quantity}Im`] + offset),
      );
    const lose = (index: number, conductance: Local, squared: Code): Code =>
      set(sum[index]!, add(get(sum[index]!), mul(get(conductance), squared)));
    return [
      ...set(node, at.begin),
      ...loopWhile(i32.below(get(node), at.end), [
        ...set(row, i32.add(at.rows, i32.load(get(node), RECORD.bus))),
        ...forEachVector((offset) => [
          ...set(v.r, f64x2.sqrt(squareAt(get(node), 'v', offset))),
          ...f64x2.storeLane(get(row), get(v.r), 0),
          ...set(row, i32.add(get(row), at.rowBytes)),
          ...f64x2.storeLane(get(row), get(v.r), 1),
          ...set(row, i32.add(get(row), at.rowBytes)),
        ]),
        ...step(node, RECORD.bytes),
      ]),
      ...set(node, at.firstFed),
      ...set(branch, at.branches),
      ...loopWhile(i32.below(get(node), at.end), [
        ...set(v.r, f64x2.loadBoth(get(node), RECORD.r)),
        ...set(v.gFrom, f64x2.loadBoth(get(branch), BRANCH.gFrom)),
        ...set(v.gTo, f64x2.loadBoth(get(branch), BRANCH.gTo)),
        ...forEachVector((offset, index) => [
          ...lose(index, v.r, squareAt(get(node), 'j', offset)),
          ...lose(index, v.gFrom, squareAt(i32.load(get(branch), BRANCH.from), 'v', offset)),
          ...lose(index, v.gTo, squareAt(i32.load(get(branch), BRANCH.to), 'v', offset)),
        ]),
        ...step(node, RECORD.bytes),
        ...step(branch, BRANCH.bytes),
      ]),
      ...forEachVector((offset, index) => f64x2.store(at.losses, offset, get(sum[index]!))),
    ];
  },
);

/** The whole kernel. It performs the arithmetic of the sweep in batch.ts operation for operation, so that both give the same bits. */
export const sweepModule = (): Uint8Array<ArrayBuffer> =>
  wasmModule([
    start,
    draw,
    backward('backward', true),
    backward('backwardPlain', false),
    forward('forward', true),
    forward('forwardPlain', false),
    finish,
  ]);
