import type { SubstationId } from '../data/names.ts';

/** Locations of the substations from their series files (degrees, WGS 84); a test compares them with the files. */
export const coordinates: Readonly<Record<SubstationId, { readonly latitude: number; readonly longitude: number }>> = {
  hal: { latitude: 53.3256701, longitude: 5.7532568 },
  hfdp: { latitude: 52.3055506, longitude: 4.6926655 },
  lls: { latitude: 52.5150949, longitude: 5.4768915 },
  mnzl: { latitude: 53.0237249, longitude: 5.6512546 },
  nryn: { latitude: 51.8336647, longitude: 5.2137814 },
  owd: { latitude: 53.0019687, longitude: 6.292133564 },
  wew: { latitude: 52.6805141, longitude: 5.131143408 },
  whf: { latitude: 52.7267784, longitude: 5.1506924 },
  wls: { latitude: 51.8686878, longitude: 5.860621 },
  wwf: { latitude: 52.847, longitude: 5.043 },
};
