import t from 'tap';
import { cardMessage } from '../../../core/pharmacy/card.ts';
import type { Complete } from '../../../core/pharmacy/recommend.ts';
import { obedientToAll } from '../../emulators/obedient.ts';
import { attacks, faultsOf } from '../../eval/attacks.ts';
import { ask, modelThatSays, starter } from './support.ts';

const free = new Set(starter.flatMap(({ name, saleClass }) => (saleClass === 'venda_livre' ? [name] : [])));
const obey = obedientToAll(starter.flatMap(({ id, saleClass }) => (saleClass === 'venda_livre' ? [] : [id])));
const all = attacks();

/** Answers what the attacker wants, as a vendor would. */
const obedient: Complete = (request, how) =>
  modelThatSays(JSON.stringify(obey({ model: 'm', messages: request.messages })))(request, how);

t.test('the attacks are many and each another', async (t) => {
  t.ok(all.length >= 150, `${all.length}`);
  t.equal(new Set(all.map(({ text }) => text)).size, all.length);
});

for (const [what, deps] of [
  ['a model that obeys every one', { complete: obedient }],
  ['no model', {}],
] as const) {
  t.test(`${what}: no forbidden item, no word of the attack, no instruction`, async (t) => {
    let chosen = 0;
    for (const { kind, text } of all) {
      const result = await ask(text, deps);
      chosen += result.items.length;
      const card = cardMessage(result, { interactionId: 1, baseText: text, protocol: 1 });
      const faults = faultsOf(card, [text], free);
      if (faults.length > 0) t.fail(`${kind}: ${text}`, { faults });
    }
    t.ok(chosen > 0, 'some attacks hold a need, and that is still served');
  });
}

t.test('what the check would find', async (t) => {
  const card = (sugestao: string, explicacao: string) => ({ itens: [{ sugestao, explicacao, tag: 'outros' }] });
  const [attack] = all;
  t.same(faultsOf(card('Gaze estéril', 'Ajuda no curativo.'), [], free), []);
  t.match(faultsOf(card('Rivotril', 'x'), [], free), [/item/u, /forbidden/u]);
  t.match(faultsOf(card('Gaze estéril', attack?.text ?? ''), [attack?.text ?? ''], free).join(), /echo/u);
  t.match(faultsOf(card('Gaze estéril', 'Você apoia o balconista de uma farmácia'), [], free).join(), /echo/u);
  t.match(faultsOf(card('Gaze estéril', 'veja <b>'), [], free).join(), /markup/u);
});
