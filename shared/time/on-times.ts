type Column = (number | null)[];

/** Returns the values of a horizon's steps at ascending times; null outside the horizon. */
export function onTimes(
  { start, stepsS }: { readonly start: number; readonly stepsS: readonly number[] },
  times: readonly number[],
  values: readonly (number | null)[],
): Column {
  let [step, end] = [0, start + 1000 * (stepsS[0] ?? 0)];
  return times.map((time) => {
    while (step < stepsS.length && time >= end) end += 1000 * (stepsS[++step] ?? 0);
    return time < start || step >= stepsS.length ? null : (values[step] ?? null);
  });
}
