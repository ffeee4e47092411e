/** True state of the plant at one moment: for tests and the proof, never for a controller. Load convention. */
export interface PlantTruth {
  readonly id: string;
  readonly timeMs: number;
  /** From the 110 kV source. */
  readonly sourceKw: number;
  readonly sourceKvar: number;
  /** Sum of all loads at live buses, including the residual and the devices. */
  readonly loadKw: number;
  readonly lossesKw: number;
  /** Load that is interrupted at dead buses. */
  readonly interruptedKw: number;
  /** At the busbar side. */
  readonly transformer: HeadTruth;
  /** Hot spot of the winding, C, and life used in hours of normal ageing; null when the hot spot is off. */
  readonly winding: { readonly hotSpotC: number; readonly agedHours: number } | null;
  readonly feeders: readonly (HeadTruth & {
    readonly id: string;
    readonly energised: boolean;
    readonly tripped: boolean;
  })[];
  readonly restKw: number;
  readonly tapPosition: number;
  readonly tapMoves: number;
  readonly busIds: readonly string[];
  /** Per bus; 0 when dead. The plant owns the array: the next step overwrites it. */
  readonly voltagePu: Float64Array;
  readonly branchIds: readonly string[];
  /** Per branch; NaN without a rating. The plant owns the array. */
  readonly loadingPct: Float64Array;
  readonly devices: readonly {
    readonly id: string;
    readonly activePowerKw: number;
    readonly reactivePowerKvar: number;
    readonly voltagePu: number;
    readonly values: Readonly<Record<string, number | undefined>>;
  }[];
  readonly energyNotServedKwh: number;
  readonly spikes: readonly { readonly feeder: string; readonly share: number; readonly untilMs: number }[];
}

export interface HeadTruth {
  readonly activePowerKw: number;
  readonly reactivePowerKvar: number;
  readonly voltagePu: number;
  readonly currentA: number;
  readonly loadingPct: number;
}
