import type { Pattern } from './told.ts';

/** A language: the texts of the page by their English ones, and what the cloud and the gateways tell in English. */
export interface Catalogue {
  readonly texts: Readonly<Record<string, string>>;
  readonly told: readonly Pattern[];
}
