import t from 'tap';
import { isProviderError, retiredModel } from '../../../core/contracts/index.ts';

const RETIRED = { 'acme-beta': 'acme-5', 'acme-1': 'acme-5-mini' };

t.test('a retired name is a mistake of the configuration, and the error names the current one', async (t) => {
  const error = retiredModel('Acme', 'acme-beta', RETIRED);
  t.ok(isProviderError(error));
  t.match(error, { code: 'invalid_request', blame: 'config', retryable: false });
  t.equal(error?.message, 'Acme aposentou o modelo «acme-beta»; o mais próximo hoje é «acme-5»');
});

t.test('a name is known as people write it, and with the date of a snapshot', async (t) => {
  t.match(retiredModel('Acme', ' Acme Beta ', RETIRED)?.message, /«Acme Beta».*«acme-5»/);
  t.match(retiredModel('Acme', 'acme-1-2024-08-06', RETIRED)?.message, /«acme-1-2024-08-06».*«acme-5-mini»/);
});

t.test('any other name is none of its business', async (t) => {
  for (const model of ['acme-5', 'acme-1-large', 'acme', '', 'constructor', '__proto__']) {
    t.equal(retiredModel('Acme', model, RETIRED), undefined, model);
  }
});
