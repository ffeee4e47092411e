import { LoadstoneError } from '../../shared/outcome/outcome.ts';

/** Parses `--set uplink.url=mqtt://...` into dotted keys. */
export function assignments(list: readonly string[]): Record<string, string> {
  const entries = list.map((each): [string, string] => {
    const cut = each.indexOf('=');
    if (cut < 1) throw new LoadstoneError('LS-CONFIG-002', `--set ${each}: expected key=value, such as mode=manual`);
    return [each.slice(0, cut), each.slice(cut + 1)];
  });
  return Object.fromEntries(entries);
}

/** Parses `2h`, `90s`, `15m`, `1d` into seconds. */
export function duration(text: string, flag: string): number {
  const match = /^(\d+(?:\.\d+)?)(s|m|h|d)$/.exec(text);
  const unit = { s: 1, m: 60, h: 3600, d: 86_400 }[match?.[2] ?? ''];
  if (match === null || unit === undefined || Number(match[1]) <= 0) {
    throw new LoadstoneError('LS-CONFIG-002', `${flag} ${text}: expected a duration such as 90s, 15m or 2h`);
  }
  return Number(match[1]) * unit;
}

/** Parses `--set activePowerKw=-20` into numbers. */
export function numbers(list: readonly string[]): Record<string, number> {
  const entries = Object.entries(assignments(list)).map(([key, text]): [string, number] => {
    const value = Number(text);
    if (text.trim() === '' || !Number.isFinite(value)) {
      throw new LoadstoneError('LS-CONFIG-002', `--set ${key}=${text}: expected a number`);
    }
    return [key, value];
  });
  return Object.fromEntries(entries);
}
