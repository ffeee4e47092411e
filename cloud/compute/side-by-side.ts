/**
 * Works on items in order, at most `most` at a time. After a failure no further item is started; the failure is thrown once all started
 * items are done.
 */
export async function sideBySide<T>(
  items: readonly T[],
  most: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const failures: unknown[] = [];
  const queue = items.values();
  const hand = async (): Promise<void> => {
    for (const item of queue) {
      if (failures.length > 0) return;
      await work(item).catch((error: unknown) => failures.push(error));
    }
  };
  await Promise.all(Array.from({ length: most }, hand));
  if (failures.length > 0) throw failures[0];
}

/**
 * Starts each item in its own turn of the event loop, so that other work gets in between. A failure stops no other item and is thrown when
 * all are done.
 */
export async function turnByTurn<T>(items: Iterable<T>, work: (item: T) => Promise<void>): Promise<void> {
  let turn: Promise<unknown> = Promise.resolve();
  const done = await Promise.allSettled(
    Array.from(items, (item) => {
      turn = turn.then(() => new Promise(setImmediate));
      return turn.then(() => work(item));
    }),
  );
  const failed = done.find((each) => each.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}
