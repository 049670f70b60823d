import t from 'tap';
import { differences, isSame, moved, withoutModel } from '../../../plugins/panel/web/src/pages/providers/order.ts';
import {
  bodyOf,
  faultOf,
  fieldNamed,
  fieldsOf,
  type Schema,
  typed,
} from '../../../plugins/panel/web/src/pages/providers/schema.ts';

const SCHEMA: Schema = {
  type: 'object',
  required: ['apiKey', 'region'],
  properties: {
    apiKey: { type: 'string', title: 'Chave da API', pattern: '^[!-~]+$', secret: true },
    region: { type: 'string', pattern: '^(us|eu|brazilsouth)$' },
    size: { anyOf: [{ const: 'small' }, { const: 'large' }], default: 'small' },
    pauseMs: { type: 'integer', minimum: 0, maximum: 5000, default: 0 },
    speed: { type: 'number', minimum: 0.25 },
    isOn: { type: 'boolean', default: false },
    names: { type: 'array', items: { type: 'string' }, maxItems: 2 },
    strange: { pattern: '(((' },
  },
};

t.test('a plugin’s schema becomes controls', (t) => {
  const fields = fieldsOf(SCHEMA, { speed: 2 });
  t.same(
    fields.map(({ name, kind, isRequired }) => [name, kind, isRequired]),
    [
      ['apiKey', 'secret', true],
      ['region', 'choice', true],
      ['size', 'choice', false],
      ['pauseMs', 'integer', false],
      ['speed', 'number', false],
      ['isOn', 'boolean', false],
      ['names', 'list', false],
      ['strange', 'text', false],
    ],
  );
  const named = Object.fromEntries(fields.map((field) => [field.name, field]));
  t.same(named['region']?.choices, ['us', 'eu', 'brazilsouth'], 'a pattern of alternatives is a choice');
  t.equal(named['apiKey']?.label, 'Chave da API');
  t.equal(named['region']?.label, 'region', 'without a title its name has to do');
  t.equal(named['speed']?.fallback, 2, 'what holds below is the default here');
  t.same(fieldsOf(null), []);
  t.same(fieldsOf({ type: 'string' }), [], 'what is no object has no controls');
  t.end();
});

t.test('what is wrong is known before it is sent; what is empty is left to the layer below', (t) => {
  const fields = Object.fromEntries(fieldsOf(SCHEMA).map((field) => [field.name, field]));
  const fault = (name: string, text: string) => {
    const field = fields[name];
    if (!field) throw new Error(name);
    return faultOf(field, text);
  };
  t.same(fault('apiKey', ' '), { code: 'required' });
  t.same(fault('apiKey', 'com espaço'), { code: 'pattern' });
  t.equal(fault('apiKey', 'abc'), null);
  t.same(fault('pauseMs', '5001'), { code: 'maximum', limit: 5000 });
  t.same(fault('pauseMs', '-1'), { code: 'minimum', limit: 0 });
  t.same(fault('pauseMs', '1,5'), { code: 'integer' });
  t.same(fault('speed', 'x'), { code: 'number' });
  t.equal(fault('speed', '0,5'), null, 'a comma is how one writes it here');
  t.same(fault('names', 'a\n\nb\nc'), { code: 'maxItems', limit: 2 });
  t.equal(fault('strange', 'x'), null, 'a pattern that is none refuses nothing: the server has the last word');
  t.equal(fault('pauseMs', ''), null);
  t.same(
    bodyOf(Object.values(fields), {
      apiKey: 'abc',
      pauseMs: '300',
      speed: '0,5',
      isOn: 'false',
      names: ' a \n\nb',
      size: '',
    }),
    { apiKey: 'abc', pauseMs: 300, speed: 0.5, isOn: false, names: ['a', 'b'] },
  );
  t.end();
});

t.test('a secret is never filled in, and a refusal finds its field', (t) => {
  const fields = fieldsOf(SCHEMA);
  const [key, , , pause, , , names] = fields;
  t.equal(key && typed(key, 'segredo'), '');
  t.equal(pause && typed(pause, 300), '300');
  t.equal(names && typed(names, ['a', 'b']), 'a\nb');
  t.equal(fieldNamed(fields, 'providers.stt.settings.stt/acme.pauseMs'), 'pauseMs');
  t.equal(fieldNamed(fields, 'credential.apiKey'), 'apiKey');
  t.equal(fieldNamed(fields, 'why'), null);
  t.equal(fieldNamed(fields, null), null);
  t.end();
});

t.test('the order of a list', (t) => {
  t.same(moved(['a', 'b', 'c'], 2, -1), ['a', 'c', 'b']);
  t.same(moved(['a', 'b', 'c'], 0, -1), ['a', 'b', 'c'], 'the first cannot rise');
  t.same(moved(['a', 'b', 'c'], 2, 1), ['a', 'b', 'c']);
  t.same(differences(['a', 'b'], ['b', 'b', 'c']), [
    { mine: 'a', theirs: 'b' },
    { mine: '', theirs: 'c' },
  ]);
  t.ok(isSame(['a'], ['a']));
  t.notOk(isSame(['a'], ['a', 'b']));
  t.equal(withoutModel('stt/acme:a:b'), 'stt/acme');
  t.end();
});
