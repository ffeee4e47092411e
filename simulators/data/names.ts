/** The ten substations, named after their places in the Netherlands. */
export const substationNames = {
  hal: 'Hallum',
  hfdp: 'Hoofddorp',
  lls: 'Lelystad',
  mnzl: 'Marnezijl',
  nryn: 'Neerijnen',
  owd: 'Oosterwolde',
  wew: 'Westwoud',
  whf: 'Wervershoof',
  wls: 'Waalsprong',
  wwf: 'Wieringerwerf',
} as const;

export type SubstationId = keyof typeof substationNames;

export const substationIds = Object.keys(substationNames) as SubstationId[];
export const regionId = 'north';
export const gatewayOf = (substation: string): string => `${substation}-01`;
