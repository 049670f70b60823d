import t from 'tap';
import { counted } from '../../core/counted.ts';

t.test('one is singular; none and many are plural, in groups of three digits', async (t) => {
  t.same(
    [0, 1, 2, 1200].map((count) => counted(count, 'item mudado', 'itens mudados')),
    ['0 itens mudados', '1 item mudado', '2 itens mudados', '1.200 itens mudados'],
  );
});
