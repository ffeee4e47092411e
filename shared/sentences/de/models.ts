import type { ModelWords } from '../model-forms.ts';

/** Reasons why models are refused, in German. */
export const models: ModelWords = {
  'the bytes of {model} do not have the hash of its manifest':
    'die Bytes von {model} haben nicht den Hash ihres Manifests',
  'it has {size} bytes, its manifest says {stated}': 'es hat {size} Bytes, sein Manifest nennt {stated}',
  'its bytes do not match the hash of its manifest': 'seine Bytes haben nicht den Hash seines Manifests',
  '{model} is in the registry with other bytes; versions are never overwritten':
    '{model} steht mit anderen Bytes im Register; keine Version wird überschrieben',
  'model {model} did not load in time': 'Modell {model} wurde nicht rechtzeitig geladen',
  'model {model} does not load: {error}': 'Modell {model} lässt sich nicht laden: {error}',
  'there is no model {model}': 'es gibt kein Modell {model}',
  '{state} is not for people to decide': 'ob ein Modell {state} ist, entscheidet kein Mensch',
  '{model} is {state} already': '{model} ist schon {state}',
  '{model} is {before}: it cannot become {state}': '{model} ist {before}: es kann nicht {state} werden',
  '{model} has expired': '{model} ist abgelaufen',
  'nothing answers for {target} yet: make it active': 'für {target} antwortet noch nichts: aktiv machen',
  'feature schema {version} is not known here, only {figures}':
    'das Merkmalsschema {version} ist hier nicht bekannt, nur {figures}',
  'it needs sun or wind, and a gateway has only the temperature':
    'es braucht Sonne oder Wind, und ein Gateway hat nur die Temperatur',
  'its manifest says weather {weather}, its features do not':
    'sein Manifest nennt das Wetter {weather}, seine Merkmale nicht',
  'its features are not those of the feature schema': 'seine Merkmale sind nicht die des Merkmalsschemas',
  'version {version} of the contract context is not known here, only {known}':
    'Version {version} des Vertrags context ist hier nicht bekannt, nur {known}',
  'it takes raw history and names features too': 'es nimmt rohe Vergangenheit und nennt auch Merkmale',
  'it takes raw history: it has no members to blend': 'es nimmt rohe Vergangenheit: es hat keine Mitglieder zu mischen',
  'it asks for {steps} steps of history, {kept} are kept here':
    'es verlangt {steps} Schritte der Vergangenheit, {kept} werden hier gehalten',
  'covariate {covariate} is not known here, or named twice':
    'die Kovariate {covariate} ist hier nicht bekannt oder zweimal genannt',
  'its manifest says weather {weather}, its covariates do not':
    'sein Manifest nennt das Wetter {weather}, seine Kovariaten nicht',
  'its quantiles do not ascend or lack the median': 'seine Quantile steigen nicht an oder der Median fehlt',
  'the groups of steps of its blend do not ascend to its last step':
    'die Schrittgruppen seiner Mischung steigen nicht bis zum letzten Schritt an',
  'the weights of its blend are not those of {count} members that add up to 1':
    'die Gewichte seiner Mischung sind nicht die von {count} Mitgliedern mit Summe 1',
  'it is no ONNX file': 'es ist keine ONNX-Datei',
  'it holds no graph': 'es enthält keinen Graphen',
  'it defines functions of its own': 'es definiert eigene Funktionen',
  'it holds a sub-graph': 'es enthält einen Teilgraphen',
  'it holds a sparse tensor': 'es enthält einen dünn besetzten Tensor',
  'it refers to external data': 'es verweist auf Daten außerhalb',
  'operator {operator} is not allowed': 'der Operator {operator} ist nicht erlaubt',
  'operators of {domain} are not allowed': 'Operatoren von {domain} sind nicht erlaubt',
  'its graph has more than {most} parts': 'sein Graph hat mehr als {most} Teile',
  'a node has more than {most} inputs and outputs': 'ein Knoten hat mehr als {most} Ein- und Ausgänge',
  'a node has more than {most} attributes': 'ein Knoten hat mehr als {most} Attribute',
  'a value has more than {most} dimensions': 'ein Wert hat mehr als {most} Dimensionen',
  'a tensor has more than {most} dimensions': 'ein Tensor hat mehr als {most} Dimensionen',
  'a tensor tells of {count} elements and does not hold them':
    'ein Tensor nennt {count} Elemente und enthält sie nicht',
  'a tensor of {count} elements is too large: {most} are allowed':
    'ein Tensor mit {count} Elementen ist zu groß: {most} sind erlaubt',
  'its nodes are not in order': 'seine Knoten sind nicht geordnet',
  'two nodes make {output}': 'zwei Knoten erzeugen {output}',
  'the size of what {operator} makes follows from a value of its input':
    'die Größe dessen, was {operator} erzeugt, folgt aus einem Wert seiner Eingabe',
  'it gives {count} values, not {wanted}': 'es gibt {count} Werte statt {wanted}',
  'its members give {count} values, not {wanted}': 'seine Mitglieder geben {count} Werte statt {wanted}',
  'it has {inputs} parity inputs and {outputs} outputs': 'es hat {inputs} Paritätseingaben und {outputs} Ausgaben',
  'parity input {row} has {count} columns, not {wanted}': 'Paritätseingabe {row} hat {count} Spalten statt {wanted}',
  'parity output {row} has {count} values, not {wanted}': 'Paritätsausgabe {row} hat {count} Werte statt {wanted}',
  'parity vector {row} differs at {step}: {own} instead of {wanted}':
    'Paritätsvektor {row} weicht bei {step} ab: {own} statt {wanted}',
  'its members make {own} at {step}, it answers {wanted}':
    'seine Mitglieder ergeben {own} bei {step}, es antwortet {wanted}',
  'it has {size} bytes, a gateway takes {most}': 'es hat {size} Bytes, ein Gateway nimmt {most}',
  'it has {size} bytes, a cloud takes {most}': 'es hat {size} Bytes, eine Cloud nimmt {most}',
  'one inference takes {ms} ms, {most} are allowed': 'eine Rechnung dauert {ms} ms, {most} sind erlaubt',
  'it has expired on {day}': 'es ist am {day} abgelaufen',
  'model {model} is late': 'Modell {model} ist zu spät',
  'model {model} failed: {error}': 'Modell {model} ist gescheitert: {error}',
  'model {model} gave a value that is not finite': 'Modell {model} gab einen Wert, der nicht endlich ist',
  'with gaps in its history: {detail}': 'mit Lücken in seiner Vergangenheit: {detail}',
  '{model} takes its place as challenger': '{model} tritt als Herausforderer an seine Stelle',
  '{model} answers in its place': '{model} antwortet an seiner Stelle',
};
