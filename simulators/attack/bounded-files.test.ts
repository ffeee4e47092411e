import { importMatpower } from '../../shared/grid/matpower.ts';
import { importPandapower } from '../../shared/grid/pandapower.ts';
import { importPowerGridModel } from '../../shared/grid/power-grid-model.ts';
import { importSimbench } from '../../shared/grid/simbench.ts';
import { parseYaml } from '../../shared/config/parse-yaml.ts';
import { parseCsv } from '../../shared/csv/parse-csv.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { filled } from '../../shared/testing/filled.ts';
import { holds, MB, refused } from './testing/cost.ts';

/** Cost of files that users supply. */

const grid = (read: () => unknown) => () => refused(read);
const matpower = (text: string, head = '', tail = '') => grid(() => importMatpower(filled(text, head, tail)));
const pandapower = (object: string) =>
  grid(() => importPandapower(`{"_module":"pandapower.auxiliary","_class":"pandapowerNet","_object":${object}}`));
const PGM = '{"version":"1.0","type":"input","is_batch":false,"attributes":{},"data":{"node":[';
const simbench = (text: string, head = '') =>
  grid(() => importSimbench(new Map([['Node.csv', filled(text, head)]]), 'x'));
const LARGE = filled('1;', 'a=[', '];\n', MB / 2);
holds('a megabyte of a grid file', {
  'MATPOWER, brackets': matpower('('),
  'MATPOWER, brackets that close': grid(() => importMatpower(`x=${'('.repeat(MB / 2)}1${')'.repeat(MB / 2)}`)),
  'MATPOWER, signs': matpower('-', 'x=', '1'),
  'MATPOWER, sums': matpower('+1', 'x=1'),
  'MATPOWER, powers': matpower('^1', 'x=1'),
  'MATPOWER, spaces': matpower(' ', 'a'),
  'MATPOWER, slices': matpower(')', 'a('),
  'MATPOWER, statements': matpower('a=1;'),
  'MATPOWER, rows': matpower('1;', 'mpc.bus = [', '];'),
  'MATPOWER, columns': matpower('1 ', 'mpc.bus = [', '];'),
  'MATPOWER, branches': matpower('if a\n', 'a=0\n'),
  'MATPOWER, names': matpower('a,', '[', ']=idx_bus'),
  'MATPOWER, continued': matpower('...\n'),
  'MATPOWER, brackets in slices': grid(() => importMatpower(`a=1\nx=${'a('.repeat(MB / 4)}1${')'.repeat(MB / 4)}`)),
  'MATPOWER, matrices in matrices': grid(() => importMatpower(`x=${'['.repeat(MB / 2)}1${']'.repeat(MB / 2)}`)),
  'MATPOWER, sums of a matrix': matpower('+a', `${LARGE}b=a`),
  'MATPOWER, slices of a matrix': matpower('b=a(:,1)\n', LARGE),
  'MATPOWER, changes of a matrix': matpower('a(:,1)=1\n', LARGE),
  'MATPOWER, a column often': matpower('1 ', `${LARGE}b=a(:,[`, ']);'),
  'pandapower, deep': pandapower(filled('{"bus":')),
  'pandapower, a text': pandapower(filled('\\"', '"', '"')),
  'power-grid-model, deep': grid(() => importPowerGridModel(filled('['))),
  'power-grid-model, one id': grid(() => importPowerGridModel(filled('{"id":1},', PGM, '{"id":1}]}}'))),
  'SimBench, empty rows': simbench('\n'),
  'SimBench, columns': simbench(';'),
  'SimBench, rows': simbench('a;b\n', 'id;voltLvl\n'),
});

const csv = (text: string) => () =>
  refused(() =>
    parseCsv(text, (what) => {
      throw new LoadstoneError('LS-API-001', what);
    }),
  );
const NAMES = Array.from({ length: 1000 }, (_, at) => `c${at}`).join(',');
holds('a megabyte of CSV', {
  columns: csv(filled(',')),
  'columns with names': csv(Array.from({ length: 130_000 }, (_, at) => `c${at}`).join(',')),
  'one repeated name': csv(filled('a,', '', 'a')),
  'empty rows': csv(filled('\n', 'a\n')),
  'short rows': csv(filled('1\n', 'a\n')),
  'rows of many cells': csv(filled(`${','.repeat(999)}\n`, `${NAMES}\n`)),
  quotes: csv(filled('"')),
  'quotes in a quoted cell': csv(filled('""', '"', '"')),
  'an unterminated quoted cell': csv(filled('a', 'a,b\n"')),
  blanks: csv(filled(' ', 'a\n')),
  'blanks around cells': csv(filled(' , ', 'a\n')),
  // Three bytes each.
  'byte order marks': csv(filled('\ufeff', '', '', MB / 3)),
  'line ends': csv(filled('\r\n')),
});

/** The YAML reader takes 3 µs a character, so a twentieth of a megabyte is enough: quadratic cost in it took minutes. */
const YAML_SIZE = 50_000;
const yaml = (text: string, head = '', tail = '') =>
  grid(() => parseYaml(filled(text, head, tail, YAML_SIZE), 'a.yaml'));
holds('50 kB of YAML', {
  keys: grid(() => parseYaml(Array.from({ length: 4000 }, (_, n) => `key${n + 100_000}: 1\n`).join(''), 'a.yaml')),
  aliases: yaml('*a,', 'a: &a 1\nb: [', '1]'),
  anchors: yaml('&a 1\n- ', '- ', '1'),
  'aliases of aliases': grid(() =>
    parseYaml(
      [
        'a: &a [x,x,x,x,x,x,x,x,x]',
        ...'bcdefghi'.split('').map((name, n) => `${name}: &${name} [${Array(9).fill(`*${'abcdefgh'[n]}`).join()}]`),
      ].join('\n'),
      'a.yaml',
    ),
  ),
  'deep lists': yaml('['),
  'deep maps': yaml('{a: '),
  'deep items': yaml('- '),
  'keys of keys': yaml('? '),
  quotes: yaml("'"),
  tags: yaml('!!a '),
  'empty lines': yaml('\n'),
  comments: yaml('#\n'),
  documents: yaml('---\n'),
  'a block': yaml(' a\n', '|\n'),
});
