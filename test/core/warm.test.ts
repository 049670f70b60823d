import { setTimeout } from 'node:timers/promises';
import t from 'tap';
import { startDeepgram, startOpenAi } from '../emulators/index.ts';
import { Coverage } from '../emulators/listening/coverage.ts';
import { wavReference } from '../emulators/listening/references.ts';
import { startBalto } from '../helpers/balto.ts';

t.test('what may be asked is ready before anybody speaks, also the one that only steps in', async (t) => {
  const [deepgram, llm] = [await startDeepgram({ listening: new Coverage(await wavReference()) }), await startOpenAi()];
  const env = { BALTO_STT: 'stt/deepgram,stt/openai' };
  const { balto } = await startBalto(t, { vendors: { deepgram, llm }, env });
  const { instances } = balto.providers;
  while (instances.open.instances < 3) await setTimeout(5);
  t.same(instances.open, { instances: 3, sockets: 0 }, 'two that transcribe and a model; nobody was called');
  t.same([...deepgram.requests, ...llm.requests], []);
});
