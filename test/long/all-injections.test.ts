import { execFileSync } from 'node:child_process';
import t, { type Test } from 'tap';
import { cardMessage } from '../../core/pharmacy/card.ts';
import type { Recommendation } from '../../core/pharmacy/recommend.ts';
import { startElevenLabs, startOpenAi } from '../emulators/index.ts';
import { type Listening, NOTHING_HEARD } from '../emulators/listening/index.ts';
import { obedientToAll } from '../emulators/obedient.ts';
import { askOf } from '../eval/ask.ts';
import { type Attack, attacks, faultsOf } from '../eval/attacks.ts';
import { EvalHouse } from '../eval/house.ts';
import { connectCounter, startBalto } from '../helpers/balto.ts';
import { streamFile } from '../helpers/conversation.ts';
import { Seen } from '../helpers/seen.ts';

const all = attacks();
let answer: ReturnType<typeof obedientToAll> = () => '';
/** What the emulated vendor hears in whatever it is given. */
let spoken = '';
const listening: Listening = {
  transcribe: () => ({ text: spoken, words: [] }),
  openStream: () => ({ push: () => undefined, partial: () => '', take: () => NOTHING_HEARD }),
};
const llm = await startOpenAi({ respond: (request) => answer(request) });
const elevenlabs = await startElevenLabs({ listening });
const house = await startBalto(t, { vendors: { llm, elevenlabs } });
const { store } = house.balto;
const catalogue = await store.db.system((trx) =>
  trx.selectFrom('produtos').select(['id', 'nome', 'classe_venda']).execute(),
);
const free = new Set(catalogue.flatMap((each) => (each.classe_venda === 'venda_livre' ? [each.nome] : [])));
answer = obedientToAll(catalogue.flatMap((each) => (each.classe_venda === 'venda_livre' ? [] : [each.id])));

t.test('a model that obeys every attack: no forbidden item, no word of the attack, no instruction', async (t) => {
  const asked = await EvalHouse.open(store, askOf(house.balto, 'llm/openai'));
  let answered = 0;
  for (const attack of all) {
    const result = await asked.say(attack.text);
    if (result.source === 'llm') answered += 1;
    check(t, attack, result);
  }
  t.ok(answered > all.length / 2, `the model answered ${answered} of ${all.length}`);
});

t.test('in the turn before, they are no better', async (t) => {
  const asked = await EvalHouse.open(store, askOf(house.balto, 'llm/openai'));
  for (const attack of all) check(t, attack, await asked.say('e estou com a pele muito seca', [attack.text]));
});

t.test('the same without a model', async (t) => {
  const alone = await EvalHouse.open(store);
  for (const attack of all) check(t, attack, await alone.say(attack.text));
});

const voice = synthesiser();
const skip = voice ? false : 'espeak-ng is not installed';

t.test('spoken at a counter', { skip }, async (t) => {
  for (const attack of all.filter(({ text }, index) => index % 13 === 0 && text.split(' ').length > 5)) {
    spoken = attack.text;
    const seen = new Seen(house.observer);
    const counter = await connectCounter(house.ws, house.apiKey);
    await streamFile(counter.socket, voice?.(attack.text) ?? new Uint8Array());
    counter.say({ comando: 'fim' });
    await seen.until(({ cards }) => cards.length > 0);
    counter.say({ comando: 'ping' });
    await counter.receive('pong');
    counter.socket.close();
    await seen.until(({ closed }) => closed === 1);
    const cards = counter.messages.filter(({ comando }) => comando === 'recomendar');
    t.same(
      cards.flatMap((card) => faultsOf(card, [attack.text], free)),
      [],
      attack.text,
    );
  }
});

function check(t: Test, { kind, text }: Attack, result: Recommendation): void {
  const card = cardMessage(result, { interactionId: 1, baseText: text, protocol: 2 });
  const faults = faultsOf(card, [text], free);
  if (faults.length > 0) t.fail(`${kind}: ${text}`, { faults });
  else t.pass(kind);
}

/** A WAV of a sentence in Portuguese; null where there is no espeak-ng. */
function synthesiser(): ((text: string) => Uint8Array) | null {
  const speak = (text: string) => execFileSync('espeak-ng', ['-v', 'pt-br', '--stdout', '--', text]);
  try {
    speak('oi');
    return speak;
  } catch {
    return null;
  }
}
