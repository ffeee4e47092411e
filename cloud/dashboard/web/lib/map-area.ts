import { boundsOf, type Bounds } from './geography.ts';

interface Place {
  readonly longitude: number;
  readonly latitude: number;
}

/** About a metre: what an address names contains the places that it was made from. */
const DECIMALS = 5;
const ROOM = 10 ** -DECIMALS;

/** The box around places as an address has it: west, south, east, north in degrees (the order of GeoJSON's bbox, RFC 7946, 5). */
export function areaText(places: readonly Place[]): string {
  const { west, south, east, north } = boundsOf(places.map(({ longitude, latitude }) => [longitude, latitude]));
  return [west - ROOM, south - ROOM, east + ROOM, north + ROOM].map((degrees) => degrees.toFixed(DECIMALS)).join();
}

/** Undefined where the text is no such box. */
export function areaOf(text: string): Bounds | undefined {
  const degrees = text.split(',').map((part) => (part.trim() === '' ? NaN : Number(part)));
  const [west = NaN, south = NaN, east = NaN, north = NaN] = degrees;
  return degrees.length === 4 && west <= east && south <= north ? { west, south, east, north } : undefined;
}

export const liesIn = ({ west, south, east, north }: Bounds, { longitude, latitude }: Place): boolean =>
  longitude >= west && longitude <= east && latitude >= south && latitude <= north;
