/** Seeds that failed once, each with what it showed. Every run of the tests repeats them. */
export const keptSeeds: readonly { readonly seed: number; readonly showed: string }[] = [];
