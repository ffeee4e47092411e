import type { ModelWords } from '../model-forms.ts';

/** Reasons why models are refused, in Dutch. */
export const models: ModelWords = {
  'the bytes of {model} do not have the hash of its manifest':
    'de bytes van {model} hebben niet de hash van zijn manifest',
  'it has {size} bytes, its manifest says {stated}': 'het heeft {size} bytes, zijn manifest noemt er {stated}',
  'its bytes do not match the hash of its manifest': 'zijn bytes hebben niet de hash van zijn manifest',
  '{model} is in the registry with other bytes; versions are never overwritten':
    '{model} staat met andere bytes in het register; geen versie wordt overschreven',
  'model {model} did not load in time': 'model {model} werd niet op tijd geladen',
  'model {model} does not load: {error}': 'model {model} laat zich niet laden: {error}',
  'there is no model {model}': 'er is geen model {model}',
  '{state} is not for people to decide': 'of een model {state} is, is niet aan mensen',
  '{model} is {state} already': '{model} is al {state}',
  '{model} is {before}: it cannot become {state}': '{model} is {before}: het kan niet {state} worden',
  '{model} has expired': '{model} is verlopen',
  'nothing answers for {target} yet: make it active': 'voor {target} antwoordt nog niets: maak het actief',
  'feature schema {version} is not known here, only {figures}':
    'kenmerkenschema {version} is hier niet bekend, alleen {figures}',
  'it needs sun or wind, and a gateway has only the temperature':
    'het vraagt zon of wind, en een gateway heeft alleen de temperatuur',
  'its manifest says weather {weather}, its features do not':
    'zijn manifest noemt het weer {weather}, zijn kenmerken niet',
  'its features are not those of the feature schema': 'zijn kenmerken zijn niet die van het kenmerkenschema',
  'version {version} of the contract context is not known here, only {known}':
    'versie {version} van het contract context is hier niet bekend, alleen {known}',
  'it takes raw history and names features too': 'het neemt ruwe geschiedenis en noemt ook kenmerken',
  'it takes raw history: it has no members to blend': 'het neemt ruwe geschiedenis: het heeft geen leden om te mengen',
  'it asks for {steps} steps of history, {kept} are kept here':
    'het vraagt {steps} stappen geschiedenis, {kept} worden hier bewaard',
  'covariate {covariate} is not known here, or named twice':
    'covariaat {covariate} is hier niet bekend, of tweemaal genoemd',
  'its manifest says weather {weather}, its covariates do not':
    'zijn manifest noemt het weer {weather}, zijn covariaten niet',
  'its quantiles do not ascend or lack the median': 'zijn kwantielen lopen niet op of missen de mediaan',
  'the groups of steps of its blend do not ascend to its last step':
    'de stapgroepen van zijn menging lopen niet op tot de laatste stap',
  'the weights of its blend are not those of {count} members that add up to 1':
    'de gewichten van zijn menging zijn niet die van {count} leden met som 1',
  'it is no ONNX file': 'het is geen ONNX-bestand',
  'it holds no graph': 'het bevat geen graaf',
  'it defines functions of its own': 'het definieert eigen functies',
  'it holds a sub-graph': 'het bevat een deelgraaf',
  'it holds a sparse tensor': 'het bevat een ijle tensor',
  'it refers to external data': 'het verwijst naar gegevens daarbuiten',
  'operator {operator} is not allowed': 'operator {operator} is niet toegestaan',
  'operators of {domain} are not allowed': 'operatoren van {domain} zijn niet toegestaan',
  'its graph has more than {most} parts': 'zijn graaf heeft meer dan {most} delen',
  'a node has more than {most} inputs and outputs': 'een knoop heeft meer dan {most} in- en uitgangen',
  'a node has more than {most} attributes': 'een knoop heeft meer dan {most} attributen',
  'a value has more than {most} dimensions': 'een waarde heeft meer dan {most} dimensies',
  'a tensor has more than {most} dimensions': 'een tensor heeft meer dan {most} dimensies',
  'a tensor tells of {count} elements and does not hold them': 'een tensor noemt {count} elementen en bevat ze niet',
  'a tensor of {count} elements is too large: {most} are allowed':
    'een tensor van {count} elementen is te groot: {most} zijn toegestaan',
  'its nodes are not in order': 'zijn knopen staan niet op volgorde',
  'two nodes make {output}': 'twee knopen maken {output}',
  'the size of what {operator} makes follows from a value of its input':
    'de grootte van wat {operator} maakt volgt uit een waarde van zijn invoer',
  'it gives {count} values, not {wanted}': 'het geeft {count} waarden in plaats van {wanted}',
  'its members give {count} values, not {wanted}': 'zijn leden geven {count} waarden in plaats van {wanted}',
  'it has {inputs} parity inputs and {outputs} outputs': 'het heeft {inputs} pariteitsinvoeren en {outputs} uitvoeren',
  'parity input {row} has {count} columns, not {wanted}':
    'pariteitsinvoer {row} heeft {count} kolommen in plaats van {wanted}',
  'parity output {row} has {count} values, not {wanted}':
    'pariteitsuitvoer {row} heeft {count} waarden in plaats van {wanted}',
  'parity vector {row} differs at {step}: {own} instead of {wanted}':
    'pariteitsvector {row} wijkt af bij {step}: {own} in plaats van {wanted}',
  'its members make {own} at {step}, it answers {wanted}': 'zijn leden maken {own} bij {step}, het antwoordt {wanted}',
  'it has {size} bytes, a gateway takes {most}': 'het heeft {size} bytes, een gateway neemt er {most}',
  'it has {size} bytes, a cloud takes {most}': 'het heeft {size} bytes, een cloud neemt er {most}',
  'one inference takes {ms} ms, {most} are allowed': 'één berekening duurt {ms} ms, {most} zijn toegestaan',
  'it has expired on {day}': 'het is verlopen op {day}',
  'model {model} is late': 'model {model} is te laat',
  'model {model} failed: {error}': 'model {model} is mislukt: {error}',
  'model {model} gave a value that is not finite': 'model {model} gaf een waarde die niet eindig is',
  'with gaps in its history: {detail}': 'met gaten in zijn geschiedenis: {detail}',
  '{model} takes its place as challenger': '{model} neemt zijn plaats in als uitdager',
  '{model} answers in its place': '{model} antwoordt in zijn plaats',
};
