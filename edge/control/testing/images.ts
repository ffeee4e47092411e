import type { DeviceImage, ElementImage, Image } from '../image.ts';

export const START = Date.UTC(2021, 8, 25);

export const device = (id: string, more: Partial<DeviceImage> = {}): [string, DeviceImage] => [
  id,
  {
    id,
    fresh: true,
    lastSeen: START,
    activePowerKw: 0,
    powerAgeS: 0,
    reactivePowerKvar: 0,
    voltagePu: 1,
    socPct: 50,
    readbackKw: null,
    ...more,
  },
];

export const element = (id: string, activePowerKw: number | null): [string, ElementImage] => [
  id,
  { id, fresh: true, lastSeen: START, activePowerKw, reactivePowerKvar: 0, voltagePu: 1, currentA: 1 },
];

export const image = (more: Partial<Image> = {}): Image => ({
  time: START,
  stepS: 1,
  devices: new Map([device('battery-1')]),
  elements: new Map(),
  ambientC: null,
  ...more,
});
