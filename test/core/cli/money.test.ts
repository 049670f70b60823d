import t from 'tap';
import { Money, moneyFor } from '../../../core/cli/money.ts';

t.test('dollars as billed, and reais at the rate in force', async (t) => {
  t.equal(new Money(5.5).text(120), 'US$ 0,00012 (R$ 0,00066)');
  t.equal(new Money(null, 6).text(1_500_000), 'US$ 1,500000');
  t.equal(new Money(null).reais(1), 'R$ –');
});

t.test('USD_BRL goes before the dated rate; nonsense is refused by name', async (t) => {
  t.equal(moneyFor({ USD_BRL: '4' }).reais(1_000_000), 'R$ 4,00000');
  t.match(moneyFor({}).reais(1_000_000), /^R\$ \d/);
  t.throws(() => moneyFor({ USD_BRL: '-1' }), { code: 'BALTO_CONFIG_ENVIRONMENT', field: 'USD_BRL' });
});
