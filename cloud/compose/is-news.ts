/**
 * Whether a condition of the cloud's own has to be told: when it changes, and once after a start while it holds, because the alarm desk ends
 * what a restarted cloud does not confirm. `stands`: whether its alarm stands, possibly since before the start.
 */
export function newsOf(stands: () => boolean): (holds: boolean) => boolean {
  let isTold = false;
  return (holds) => {
    const isNews = holds !== stands() || (holds && !isTold);
    isTold ||= isNews;
    return isNews;
  };
}
