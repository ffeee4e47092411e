// npm run generate:threats
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { threatPage } from './page.ts';
import { suite } from './suite.ts';

writeFileSync(join(import.meta.dirname, 'THREATS.md'), threatPage(suite));
