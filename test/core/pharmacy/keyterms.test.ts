import t from 'tap';
import { keytermsOf } from '../../../core/pharmacy/keyterms.ts';

t.test('what people say of a name, and its substances, each once', async (t) => {
  const products = [
    { name: 'Dorflex 300 mg c/ 10 comp', substance: 'Dipirona + Orfenadrina; Cafeína' },
    { name: 'DIPIRONA', substance: 'dipirona' },
    { name: 'Losartana potássica com 30', substance: null },
    { name: 'Creme para assaduras de bebê com óxido de zinco', substance: null },
    { name: 'X', substance: '  ' },
  ];
  t.strictSame(keytermsOf(products, 50), ['Dorflex', 'Dipirona', 'Orfenadrina', 'Cafeína', 'Losartana potássica']);
  t.strictSame(keytermsOf(products, 2), ['Dorflex', 'Dipirona']);
  t.strictSame(keytermsOf([], 5), []);
});

t.test('nothing in a name can mean something to a request', async (t) => {
  const [term] = keytermsOf([{ name: 'Soro <b>"fisio&keyterm=x\r\nHost: y', substance: null }], 5);
  t.equal(term, undefined, 'five words are no term');
  t.strictSame(keytermsOf([{ name: 'Vick\n"VapoRub"&a=1', substance: null }], 5), ['Vick VapoRub a 1']);
});
