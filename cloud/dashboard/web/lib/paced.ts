/** Throttles an action to once per period. Calls within a period merge into one at its end. */
export function paced(periodMs: number, act: () => void): () => void {
  let isPausing = false;
  let isAsked = false;
  const go = (): void => {
    isPausing = true;
    isAsked = false;
    setTimeout(() => {
      isPausing = false;
      if (isAsked) go();
    }, periodMs);
    act();
  };
  return () => {
    if (isPausing) isAsked = true;
    else go();
  };
}
