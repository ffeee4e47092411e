import { SunspecRegisters } from './sunspec-registers.ts';

const NEWER = [705, 706, 711, 712] as const;

export interface CurveDevice {
  readonly registers: SunspecRegisters;
  /** Accepts writes without putting them into force. */
  stubborn: boolean;
  /** Points written so far. */
  readonly written: string[];
}

/** An inverter with its own curves: the newer models (705, 706, 711, 712) or the older ones (126, 132); `others`: its other models. */
export function curveDevice(kind: 'newer' | 'older', others: readonly number[] = []): CurveDevice {
  const own = kind === 'newer' ? [1, 103, 120, 123, ...NEWER] : [1, 103, 120, 123, 126, 132];
  const models = [...own, ...others];
  const curves = own.filter((model) => model === 126 || model === 132 || model > 700);
  const lay = (writable: readonly string[], onWrite: (points: ReadonlySet<string>) => void): SunspecRegisters =>
    new SunspecRegisters(models, writable, onWrite);
  const names = lay([], () => undefined);
  const writable = curves.flatMap((model) =>
    names
      .names(model)
      .filter((name) => !/^C1|_SF$|Rslt$|^N/.test(name))
      .map((name) => `${model}.${name}`),
  );
  const device: CurveDevice = {
    stubborn: false,
    written: [],
    registers: lay(writable, (points) => {
      device.written.push(...points);
      if (device.stubborn) return;
      for (const model of NEWER) adopt(device.registers, model, points);
    }),
  };
  for (const point of writable) if (!point.endsWith('CrvNam')) device.registers.set(point, 0);
  for (const model of curves) furnish(device.registers, model);
  device.registers.set('103.W', 0);
  device.registers.set('103.W_SF', 0);
  return device;
}

function furnish(registers: SunspecRegisters, model: number): void {
  for (const name of registers.names(model).filter((each) => each.endsWith('_SF')))
    registers.set(`${model}.${name}`, name === 'Db_SF' || name === 'K_SF' ? -3 : name === 'RspTms_SF' ? -1 : -2);
  if (model === 711) return registers.set('711.NCtl', 2);
  registers.set(`${model}.NPt`, model === 126 || model === 132 ? 20 : 6);
  registers.set(`${model}.NCrv`, model < 700 ? 1 : 2);
}

/** Adopts a requested curve: the first curve shows the one in force. */
function adopt(registers: SunspecRegisters, model: number, points: ReadonlySet<string>): void {
  const request = model === 711 ? 'AdptCtlReq' : 'AdptCrvReq';
  if (!points.has(`${model}.${request}`)) return;
  const slot = registers.get(`${model}.${request}`);
  for (const name of registers.names(model, `C${slot}`))
    if (name !== 'ReadOnly') registers.set(`${model}.C1${name}`, registers.get(`${model}.C${slot}${name}`));
  registers.set(`${model}.${request.replace('Req', 'Rslt')}`, 1);
}
