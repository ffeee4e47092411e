import { boundsOf, type Bounds } from './geography.ts';

interface Place {
  readonly longitude: number;
  readonly latitude: number;
}

/** About a metre, so that a rounded box still contains the places it was made from. */
const DECIMALS = 5;
const ROOM = 10 ** -DECIMALS;

/** Returns the box around places for the address: west, south, east, north in degrees (order of GeoJSON's bbox, RFC 7946, 5). */
export function areaText(places: readonly Place[]): string {
  const { west, south, east, north } = boundsOf(places.map(({ longitude, latitude }) => [longitude, latitude]));
  return [west - ROOM, south - ROOM, east + ROOM, north + ROOM].map((degrees) => degrees.toFixed(DECIMALS)).join();
}

/** Undefined if the text is not such a box. */
export function areaOf(text: string): Bounds | undefined {
  const degrees = text.split(',').map((part) => (part.trim() === '' ? NaN : Number(part)));
  const [west = NaN, south = NaN, east = NaN, north = NaN] = degrees;
  return degrees.length === 4 && west <= east && south <= north ? { west, south, east, north } : undefined;
}

export const liesIn = ({ west, south, east, north }: Bounds, { longitude, latitude }: Place): boolean =>
  longitude >= west && longitude <= east && latitude >= south && latitude <= north;
