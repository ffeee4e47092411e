/**
 * Works on items in their order, so many at once. Where one fails no further one is begun; the failure comes when none is worked on
 * any more.
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
 * Starts on each item in a turn of its own of the event loop, so that what else waits goes in between. One that fails keeps no other from
 * its turn: the failure comes when all are done.
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
