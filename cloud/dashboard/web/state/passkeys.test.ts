import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import '../../testing/page-globals.ts';
import { catalogue as german } from '../words/de/index.ts';
import { speak } from '../words/t.ts';

const { passkeyAnswer } = await import('./passkeys.ts');

test('an unanswered passkey request is reported in the language of the page', async () => {
  speak('de', german);
  after(() => speak('en'));
  const answer = await passkeyAnswer('prove', { options: 'none' });
  assert.ok(answer.state === 'bad');
  const { title, detail, remedy } = answer.problem;
  assert.deepEqual(
    [title, detail, remedy],
    ['Der Passkey hat nicht geantwortet', '', 'Noch einmal versuchen; der Passkey muss an dieser Maschine sein.'],
  );
});
