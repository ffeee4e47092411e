/**
 * SunSpec model layouts: points in order, each with its type. i and u are 16 bits, I and U 32, Q 64, f a float, e an enum, s a scale
 * factor; t8 and t16 are text of that many registers.
 */
const numbered = (count: number, of: (at: number) => string): string =>
  Array.from({ length: count }, (_, at) => of(at + 1)).join(' ');
const HEAD = 'Ena:e AdptCrvReq:u AdptCrvRslt:e NPt:u NCrv:u RvrtTms:U RvrtRem:U RvrtCrv:u';
const OLDER_HEAD = 'ActCrv:u ModEna:u WinTms:u RvrtTms:u RmpTms:u NCrv:u NPt:u V_SF:s DeptRef_SF:s RmpIncDec_SF:s';
const olderCurve = (value: string): string =>
  `ActPt:u DeptRef:e ${numbered(20, (at) => `V${at}:u ${value}${at}:i`)} CrvNam:t8 RmpTms:u RmpDec:u RmpInc:u ReadOnly:e`;

/** Curve models have two curves with room for six corners each; the first shows the one in force. */
export const layouts: Readonly<Record<number, string>> = {
  1: 'Mn:t16 Md:t16 Opt:t8 Vr:t8 SN:t16 DA:u Pad:i',
  103:
    'A:u AphA:u AphB:u AphC:u A_SF:s PPVphAB:u PPVphBC:u PPVphCA:u PhVphA:u PhVphB:u PhVphC:u V_SF:s W:i W_SF:s Hz:u Hz_SF:s ' +
    'VA:i VA_SF:s VAr:i VAr_SF:s PF:i PF_SF:s WH:U WH_SF:s DCA:u DCA_SF:s DCV:u DCV_SF:s DCW:i DCW_SF:s TmpCab:i TmpSnk:i ' +
    'TmpTrns:i TmpOt:i Tmp_SF:s St:e StVnd:e Evt1:U Evt2:U EvtVnd1:U EvtVnd2:U EvtVnd3:U EvtVnd4:U',
  120:
    'DERTyp:e WRtg:u WRtg_SF:s VARtg:u VARtg_SF:s VArRtgQ1:i VArRtgQ2:i VArRtgQ3:i VArRtgQ4:i VArRtg_SF:s ARtg:u ARtg_SF:s ' +
    'PFRtgQ1:i PFRtgQ2:i PFRtgQ3:i PFRtgQ4:i PFRtg_SF:s WHRtg:u WHRtg_SF:s AhrRtg:u AhrRtg_SF:s MaxChaRte:u MaxChaRte_SF:s ' +
    'MaxDisChaRte:u MaxDisChaRte_SF:s Pad:i',
  123:
    'Conn_WinTms:u Conn_RvrtTms:u Conn:e WMaxLimPct:u WMaxLimPct_WinTms:u WMaxLimPct_RvrtTms:u WMaxLimPct_RmpTms:u WMaxLim_Ena:e ' +
    'OutPFSet:i OutPFSet_WinTms:u OutPFSet_RvrtTms:u OutPFSet_RmpTms:u OutPFSet_Ena:e VArWMaxPct:i VArMaxPct:i VArAvalPct:i ' +
    'VArPct_WinTms:u VArPct_RvrtTms:u VArPct_RmpTms:u VArPct_Mod:e VArPct_Ena:e WMaxLimPct_SF:s OutPFSet_SF:s VArPct_SF:s',
  124:
    'WChaMax:u WChaGra:u WDisChaGra:u StorCtl_Mod:u VAChaMax:u MinRsvPct:u ChaState:u StorAval:u InBatV:u ChaSt:e OutWRte:i ' +
    'InWRte:i InOutWRte_WinTms:u InOutWRte_RvrtTms:u InOutWRte_RmpTms:u ChaGriSet:e WChaMax_SF:s WChaDisChaGra_SF:s ' +
    'VAChaMax_SF:s MinRsvPct_SF:s ChaState_SF:s StorAval_SF:s InBatV_SF:s InOutWRte_SF:s',
  126: `${OLDER_HEAD} ${olderCurve('VAr')}`,
  132: `${OLDER_HEAD} ${olderCurve('W')}`,
  213:
    'A:f AphA:f AphB:f AphC:f PhV:f PhVphA:f PhVphB:f PhVphC:f PPV:f PPVphAB:f PPVphBC:f PPVphCA:f Hz:f W:f WphA:f WphB:f ' +
    'WphC:f VA:f VAphA:f VAphB:f VAphC:f VAR:f VARphA:f VARphB:f VARphC:f PF:f PFphA:f PFphB:f PFphC:f Rest:t64 Evt:U',
  701:
    'ACType:e St:e InvSt:e ConnSt:e Alrm:U DERMode:U W:i VA:i Var:i PF:i A:i LLV:u LNV:u Hz:U TotWhInj:Q TotWhAbs:Q ' +
    'TotVarhInj:Q TotVarhAbs:Q TmpAmb:i TmpCab:i TmpSnk:i TmpTrns:i TmpSw:i TmpOt:i ' +
    'WL1:i VAL1:i VarL1:i PFL1:i AL1:i VL1L2:u VL1:u Wh1:Q Wh2:Q Varh1:Q Varh2:Q ' +
    'WL2:i VAL2:i VarL2:i PFL2:i AL2:i VL2L3:u VL2:u Wh3:Q Wh4:Q Varh3:Q Varh4:Q ' +
    'WL3:i VAL3:i VarL3:i PFL3:i AL3:i VL3L1:u VL3:u Wh5:Q Wh6:Q Varh5:Q Varh6:Q ' +
    'ThrotPct:u ThrotSrc:U A_SF:s V_SF:s Hz_SF:s W_SF:s PF_SF:s VA_SF:s Var_SF:s TotWh_SF:s TotVarh_SF:s Tmp_SF:s Info:t32',
  702:
    'WMaxRtg:u WOvrExtRtg:u WOvrExtRtgPF:u WUndExtRtg:u WUndExtRtgPF:u VAMaxRtg:u VarMaxInjRtg:u VarMaxAbsRtg:u WChaRteMaxRtg:u ' +
    'WDisChaRteMaxRtg:u VAChaRteMaxRtg:u VADisChaRteMaxRtg:u VNomRtg:u VMaxRtg:u VMinRtg:u AMaxRtg:u PFOvrExtRtg:u ' +
    'PFUndExtRtg:u ReactSusceptRtg:u NorOpCatRtg:e AbnOpCatRtg:e CtrlModes:U IntIslandCatRtg:u WMax:u WMaxOvrExt:u WOvrExtPF:u ' +
    'WMaxUndExt:u WUndExtPF:u VAMax:u VarMaxInj:u VarMaxAbs:u WChaRteMax:u WDisChaRteMax:u VAChaRteMax:u VADisChaRteMax:u VNom:u ' +
    'VMax:u VMin:u AMax:u PFOvrExt:u PFUndExt:u IntIslandCat:u W_SF:s PF_SF:s VA_SF:s Var_SF:s V_SF:s A_SF:s S_SF:s',
  704:
    'PFWInjEna:e PFWInjEnaRvrt:e PFWInjRvrtTms:U PFWInjRvrtRem:U PFWAbsEna:e PFWAbsEnaRvrt:e PFWAbsRvrtTms:U PFWAbsRvrtRem:U ' +
    'WMaxLimPctEna:e WMaxLimPct:u WMaxLimPctRvrt:u WMaxLimPctEnaRvrt:e WMaxLimPctRvrtTms:U WMaxLimPctRvrtRem:U WSetEna:e ' +
    'WSetMod:e WSet:I WSetRvrt:I WSetPct:i WSetPctRvrt:i WSetEnaRvrt:e WSetRvrtTms:U WSetRvrtRem:U VarSetEna:e VarSetMod:e ' +
    'VarSetPri:e VarSet:I VarSetRvrt:I VarSetPct:i VarSetPctRvrt:i VarSetEnaRvrt:e VarSetRvrtTms:U VarSetRvrtRem:U WRmp:u ' +
    'WRmpRef:e VarRmp:u AntiIslEna:e PF_SF:s WMaxLimPct_SF:s WSet_SF:s WSetPct_SF:s VarSet_SF:s VarSetPct_SF:s ' +
    'InjPF:u InjExt:e InjRvrtPF:u InjRvrtExt:e AbsPF:u AbsExt:e AbsRvrtPF:u AbsRvrtExt:e',
  705: `${HEAD} V_SF:s DeptRef_SF:s RspTms_SF:s ${numbered(
    2,
    (curve) =>
      `C${curve}ActPt:u C${curve}DeptRef:e C${curve}Pri:e C${curve}VRef:u C${curve}VRefAuto:u C${curve}VRefAutoEna:e ` +
      `C${curve}VRefAutoTms:u C${curve}RspTms:U C${curve}ReadOnly:e ` +
      numbered(6, (at) => `C${curve}V${at}:u C${curve}Var${at}:i`),
  )}`,
  706: `${HEAD} V_SF:s DeptRef_SF:s RspTms_SF:s ${numbered(
    2,
    (curve) =>
      `C${curve}ActPt:u C${curve}DeptRef:e C${curve}RspTms:U C${curve}ReadOnly:e ` +
      numbered(6, (at) => `C${curve}V${at}:u C${curve}W${at}:i`),
  )}`,
  711: `Ena:e AdptCtlReq:u AdptCtlRslt:e NCtl:u RvrtTms:U RvrtRem:U RvrtCtl:u Db_SF:s K_SF:s RspTms_SF:s ${numbered(
    2,
    (at) => `C${at}DbOf:U C${at}DbUf:U C${at}KOf:u C${at}KUf:u C${at}RspTms:U C${at}PMin:i C${at}ReadOnly:e`,
  )}`,
  712: `${HEAD} W_SF:s DeptRef_SF:s C1ActPt:u C1DeptRef:e C1Pri:e C1ReadOnly:e C1W1:i C1Var1:i`,
  713: 'WHRtg:u WHAvail:u SoC:u SoH:u Sta:e WH_SF:s Pct_SF:s',
  715: 'LocRemCtl:e DERHb:U ControllerHb:U AlarmReset:u OpCtl:e',
};
