/** A gateway's configuration with a typical mistake. */
export interface Malformed {
  readonly what: string;
  readonly text: string;
  /** The key or line that the error must name. */
  readonly names: RegExp;
  /** The remedy that it must give. */
  readonly remedy: RegExp;
}

/** Valid except for what each case changes. */
export const wellFormed = `gateway: { id: owd-01, substation: owd, timezone: Europe/Amsterdam }
mode: monitor
uplink:
  url: mqtts://grid.example.net:8883
  keepAliveS: 60
guarded:
  - id: transformer
    ratedKva: 630
    meter: { driver: sunspec, host: 192.168.10.20, unitId: 1 }
    limits: { importKw: 600, exportKw: 400, voltagePu: [0.90, 1.10] }
devices:
  - id: battery-1
    type: battery
    connectionPoint: { id: cp-1, contract: { importKw: 100, exportKw: 100 }, floorKw: 10, authority: direct }
    driver: sunspec
    connection: { host: 192.168.10.21, unitId: 1 }
    ratings: { chargeKw: 100, dischargeKw: 100, capacityKwh: 215 }
    write: { activePowerKw: { minIntervalS: 5, revertAfterS: 120 } }
    safeDefault: { activePowerKw: 0 }
`;

function but(what: string, [from, to]: readonly [from: string, to: string], names: RegExp, remedy: RegExp): Malformed {
  if (!wellFormed.includes(from)) throw new Error(`${what}: there is no "${from}" to change`);
  return { what, text: wellFormed.replace(from, to), names, remedy };
}

export const malformed: readonly Malformed[] = [
  but('a slip in a key', ['keepAliveS: 60', 'keepAlive: 60'], /:5: uplink\.keepAlive/, /did you mean "keepAliveS"/),
  but('another case in a unit', ['importKw: 600', 'importKW: 600'], /:10: .*importKW/, /did you mean "importKw"/),
  but('a key one level too high', ['  keepAliveS: 60', 'keepAliveS: 60'], /:5: keepAliveS/, /belongs to uplink/),
  but('a tab as indentation', ['  keepAliveS', '\tkeepAliveS'], /:5\b/, /tab.*spaces/i),
  but('a key twice', ['mode: monitor', 'mode: monitor\nmode: manual'], /:3\b.*mode/, /once/),
  but('a bracket that is not closed', ['[0.90, 1.10] }', '[0.90, 1.10 }'], /:1[01]\b/, /]/),
  but('no space behind the colon', ['mode: monitor', 'mode:monitor'], /:2\b.*mode:monitor/, /space/),
  but('a list where one value belongs', ['mode: monitor', 'mode: [monitor]'], /:2: mode/, /one of monitor, manual/),
  but('an unquoted no', ['mode: monitor', 'mode: no'], /:2: mode/, /one of monitor, manual, automatic/),
  but('a word that is no choice', ['type: battery', 'type: batery'], /:13: devices\.0\.type/, /did you mean "battery"/),
  but('a number with its unit', ['importKw: 600', 'importKw: 600 kW'], /:10: .*importKw/, /number.*kW/),
  but('a decimal comma', ['ratedKva: 630', 'ratedKva: 630,5'], /:8: .*ratedKva/, /number.*kVA|630\.5/),
  but('watts for kilowatts', ['importKw: 600', 'importKw: 600000'], /:10: .*importKw/, /ratedKva .*630/),
  but('a negative limit', ['exportKw: 400', 'exportKw: -400'], /:10: .*exportKw/, />= 0/),
  but(
    'a text in place of a section',
    ['uplink:\n  url: mqtts://grid.example.net:8883\n  keepAliveS: 60', 'uplink: mqtts://grid.example.net'],
    /:3: uplink/,
    /the connection to the cloud/,
  ),
  but(
    'a list that lacks its dash',
    ['  - id: battery-1\n    type', '    id: battery-1\n    type'],
    /:11: devices/,
    /list|"- "/,
  ),
  but('an alias that is not there', ['mode: monitor', 'mode: *usual'], /:2\b.*usual/, /anchor|&usual/),
  but('an alias within itself', ['mode: monitor', 'watch: &a { listen: *a }'], /:2\b/, /alias|itself/),
  { what: 'an empty file', text: '', names: /gateway/, remedy: /id, substation|required/ },
  {
    what: 'a file of another kind',
    text: '<html><body>404 Not Found</body></html>\n',
    names: /gateway\.yaml/,
    remedy: /key: value/,
  },
  but(
    'a time zone with a slip',
    ['Europe/Amsterdam', 'Europe/Amsterdm'],
    /:1: gateway\.timezone/,
    /did you mean "Europe\/Amsterdam"/,
  ),
  but(
    'a safe default above the rating',
    ['{ activePowerKw: 0 }', '{ activePowerKw: -150 }'],
    /:19: .*safeDefault\.activePowerKw/,
    /dischargeKw \(100\)/,
  ),
  but('a floor above the contract', ['floorKw: 10', 'floorKw: 130'], /:14: .*floorKw/, /contract\.importKw \(100\)/),
  but('a scheme that is none', ['mqtts://grid', 'https://grid'], /:4: uplink\.url/, /mqtts?/),
];
