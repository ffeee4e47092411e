/**
 * Shapley values of a few players from the worth of every coalition (Shapley, 1953): bit p of an index tells whether player p is in. They
 * add up to the worth of the full coalition less that of the empty one. `worth`: 2^players values.
 */
export function shapleyValues(worth: ArrayLike<number>, players: number): number[] {
  const shares = sharesOf(players);
  return Array.from({ length: players }, (_, player) => {
    const bit = 1 << player;
    let sum = 0;
    for (let coalition = 0; coalition < worth.length; coalition++) {
      if ((coalition & bit) !== 0) continue;
      sum += shares[sizeOf(coalition)]! * (worth[coalition | bit]! - worth[coalition]!);
    }
    return sum;
  });
}

/** Weight of a coalition by its size s: s! (n - s - 1)! / n! */
function sharesOf(players: number): number[] {
  const factorial = (n: number): number => (n <= 1 ? 1 : n * factorial(n - 1));
  return Array.from(
    { length: players },
    (_, size) => (factorial(size) * factorial(players - size - 1)) / factorial(players),
  );
}

function sizeOf(coalition: number): number {
  let size = 0;
  for (let left = coalition; left > 0; left >>= 1) size += left & 1;
  return size;
}
