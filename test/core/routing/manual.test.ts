import { readFile } from 'node:fs/promises';
import t from 'tap';
import { registeredApp } from '../../../core/cli/registered.ts';
import { Configuration } from '../../../core/routing/client-config.ts';
import { checkRules } from '../../../core/routing/validate.ts';
import { EMPTY_SNAPSHOT } from '../../../core/store/config-snapshot.ts';

const LISTS = { llm: [], vad: [], cleaner: [], embeddings: [], speaker: [], tts: [] };

t.test('the rules of docs/rotas.md can be saved as they stand there, without a warning', async (t) => {
  const app = await registeredApp();
  t.teardown(() => app.close());
  const { registry } = app.balto;
  const env = { ELEVENLABS_API_KEY: 'k', ASSEMBLYAI_API_KEY: 'k', DEEPGRAM_API_KEY: 'k' };
  const stt = ['stt/elevenlabs', 'stt/assemblyai', 'stt/deepgram'];
  const ground = { registry, env, lists: { ...LISTS, stt } };
  const effective = new Configuration(ground, { snapshot: () => EMPTY_SNAPSHOT }).global();
  const manual = await readFile(new URL('../../../docs/rotas.md', import.meta.url), 'utf8');
  const examples = [...manual.matchAll(/<!-- regras -->\n```json\n([\s\S]*?)\n```/g)];
  t.equal(examples.length, 2);
  for (const [, json = ''] of examples) {
    const { errors, warnings } = checkRules(JSON.parse(json), { registry, effective, language: 'pt-BR' });
    t.same({ errors, warnings }, { errors: [], warnings: [] });
  }
});
