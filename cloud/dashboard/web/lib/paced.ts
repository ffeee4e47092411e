/** Does something when asked, at most once in each period: of what is asked meanwhile the last counts, at the period's end. */
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
