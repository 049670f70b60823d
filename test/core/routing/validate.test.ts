import t from 'tap';
import type { Rule } from '../../../core/routing/rule.ts';
import type { Effective } from '../../../core/routing/types.ts';
import { acceptRules, checkRules } from '../../../core/routing/validate.ts';
import { routingStage, rule } from '../../helpers/routing.ts';

const stage = routingStage();
const { registry } = stage;
const of = { registry, effective: stage.effective(), language: 'pt-BR' };

const check = (...rules: unknown[]) => checkRules({ rules }, of);
/** Code and field of every error; a rule set with some is given no warnings. */
const errors = (...rules: unknown[]) => check(...rules).errors.map(({ code, field }) => `${code} ${field}`);
const warnings = (...rules: unknown[]) => {
  const checked = check(...rules);
  return checked.errors.length > 0 ? checked.errors : checked.warnings.map(({ code, field }) => `${code} ${field}`);
};

t.test('a rule set that says what it means passes without a word', async (t) => {
  const rules = [
    rule('longa', ['stt/b', 'stt/a'], { when: { durationMs: { min: 5000 }, snrDb: { min: 15 } }, hedge: true }),
    rule('viva', ['stt/a'], { mode: 'stream', priority: 1, when: { counterTags: ['caixa'] } }),
    rule('ue', ['stt/b'], {
      must: ['region:eu', 'words'],
      mustNot: ['vendor:a'],
      shadow: { use: 'stt/c', share: 0.1 },
    }),
    rule('modelo', ['llm/m'], { kind: 'llm' }),
  ];
  t.same(check(...rules), { rules, errors: [], warnings: [] });
});

t.test('the field at fault is named', async (t) => {
  t.same(checkRules(null, of).errors[0]?.field, '');
  t.same(checkRules({}, of).errors, [
    { code: 'BALTO_RULE_SCHEMA', field: 'rules', message: 'campo obrigatório ausente' },
  ]);
  const good = rule('a', ['stt/a']);
  const cases: [unknown, string, string][] = [
    [{ ...good, use: ['x'] }, 'rules[1].use[0]', 'mínimo de 3 caracteres'],
    [{ ...good, use: 'stt/a' }, 'rules[1].use', 'tipo esperado: array'],
    [{ ...good, mode: 'live' }, 'rules[1].mode', 'valores aceitos: segment, stream'],
    [{ ...good, kind: 'tts' }, 'rules[1].kind', 'valores aceitos: stt, llm'],
    [{ ...good, id: 'Não' }, 'rules[1].id', 'formato inválido'],
    [{ ...good, when: { weekdays: [7] } }, 'rules[1].when.weekdays[0]', 'deve ser <= 6'],
    [{ ...good, when: { hours: [{ from: '8:00', to: '12:00' }] } }, 'rules[1].when.hours[0].from', 'formato inválido'],
    [{ ...good, shadow: { use: 'stt/b', share: 1.1 } }, 'rules[1].shadow.share', 'deve ser <= 1'],
    [{ ...good, when: { duration: {} } }, 'rules[1].when.duration', 'campo desconhecido'],
    [{ id: 'a', when: {}, use: [], mode: 'segment' }, 'rules[1].priority', 'campo obrigatório ausente'],
  ];
  for (const [wrong, field, message] of cases) t.match(check(good, wrong).errors[0], { field, message }, field);
});

t.test('addresses, ids and tags must exist, each once', async (t) => {
  t.same(errors(rule('a', ['stt/nada', 'sem barra', 'llm/m'])), [
    'BALTO_RULE_ADDRESS rules[0].use[0]',
    'BALTO_RULE_ADDRESS rules[0].use[1]',
    'BALTO_RULE_KIND rules[0].use[2]',
  ]);
  t.match(check(rule('a', ['stt/nada'])).errors[0]?.message, /provedor desconhecido: "stt\/nada" \(há: stt\/a, /);
  t.same(errors(rule('a', ['stt/a']), rule('a', ['stt/b'], { when: { language: ['pt'] } })), [
    'BALTO_RULE_DUPLICATE rules[1].id',
  ]);
  t.same(errors(rule('lista', ['stt/a'])), ['BALTO_RULE_RESERVED rules[0].id']);
  t.same(errors(rule('a', ['stt/a', 'stt/b', 'stt/a'])), ['BALTO_RULE_DUPLICATE rules[0].use[2]']);
  t.same(errors(rule('a', ['stt/b'], { must: ['regiao:eu'], mustNot: ['vendor:zz', 'region:us'] })), [
    'BALTO_RULE_TAG rules[0].must[0]',
    'BALTO_RULE_TAG rules[0].mustNot[0]',
  ]);
  t.same(errors(rule('a', ['stt/b'], { must: ['words'], mustNot: ['words'] })), [
    'BALTO_RULE_CONTRADICTION rules[0].must[0]',
  ]);
  t.same(errors(rule('a', ['stt/a'], { when: { usable: ['stt/nada'] } })), [
    'BALTO_RULE_ADDRESS rules[0].when.usable[0]',
  ]);
});

t.test('what a provider cannot do is not asked of it', async (t) => {
  t.same(errors(rule('a', ['stt/b', 'stt/a'], { mode: 'stream' })), ['BALTO_RULE_STREAM rules[0].use[0]']);
  t.same(errors(rule('a', ['stt/a', 'stt/b'], { mode: 'stream' })), [], 'a batch one may stand behind');
  for (const when of [{ durationMs: { min: 1 } }, { snrDb: {} }, { class: ['fala'] }]) {
    const [error] = check(rule('a', ['stt/a'], { mode: 'stream', when })).errors;
    t.match(error, {
      code: 'BALTO_RULE_STREAM_CONDITION',
      field: 'rules[0].mode',
      message: /só se conhece no fim da fala/,
    });
  }
  t.same(errors(rule('a', ['stt/b', 'stt/d'])), ['BALTO_RULE_LANGUAGE rules[0].use[1]'], 'Portuguese is spoken');
  t.same(errors(rule('a', ['stt/d', 'stt/b'], { when: { language: ['es'] } })), [
    'BALTO_RULE_LANGUAGE rules[0].use[1]',
  ]);
  t.same(errors(rule('a', ['stt/d'], { when: { language: ['es', 'pt-BR'] } })), [
    'BALTO_RULE_LANGUAGE rules[0].use[0]',
  ]);
});

t.test('a comparison needs another provider', async (t) => {
  t.same(errors(rule('a', ['stt/a', 'stt/b'], { shadow: { use: 'stt/b', share: 1 } })), [
    'BALTO_RULE_SHADOW rules[0].shadow.use',
  ]);
  t.same(errors(rule('a', ['stt/a'], { shadow: { use: 'stt/nada', share: 1 } })), [
    'BALTO_RULE_ADDRESS rules[0].shadow.use',
  ]);
});

t.test('rules that never hold are warned of', async (t) => {
  const cases: [Partial<Rule>, string][] = [
    [{ when: { durationMs: { min: 5000, max: 5000 } } }, 'rules[0].when.durationMs'],
    [{ when: { snrDb: { min: 10, max: 5 } } }, 'rules[0].when.snrDb'],
    [{ when: { class: [] } }, 'rules[0].when.class'],
    [{ when: { language: [] } }, 'rules[0].when.language'],
    [{ when: { weekdays: [] } }, 'rules[0].when'],
    [{ when: { hours: [{ from: '10:00', to: '10:00' }] } }, 'rules[0].when'],
    [{ when: { durationMs: { max: 0 } } }, 'rules[0].when'],
    [{ use: [] }, 'rules[0].use'],
  ];
  for (const [parts, field] of cases)
    t.same(warnings(rule('a', ['stt/b'], parts)), [`BALTO_RULE_NEVER ${field}`], field);
  t.same(warnings(rule('a', ['llm/m'], { kind: 'llm', when: { durationMs: { min: 1 } } })), [
    'BALTO_RULE_NEVER rules[0].when',
  ]);
});

t.test('a rule behind one that covers it, and a stream behind one that waits for the end, are warned of', async (t) => {
  const all = rule('tudo', ['stt/a']);
  t.same(warnings(rule('depois', ['stt/b'], { priority: 20 }), all), ['BALTO_RULE_SHADOWED rules[0]']);
  t.same(warnings(rule('antes', ['stt/b'], { priority: 1, when: { snrDb: { min: 20 } } }), all), []);
  const shorter = (max: number, id: string) => rule(id, ['stt/b'], { when: { durationMs: { max } } });
  t.same(warnings(shorter(5000, 'a'), shorter(4000, 'b')), ['BALTO_RULE_SHADOWED rules[1]']);
  t.same(warnings(shorter(4000, 'a'), shorter(5000, 'b')), []);
  const longer = (min: number, id: string) => rule(id, ['stt/b'], { when: { durationMs: { min } } });
  t.same(warnings(longer(4000, 'a'), longer(5000, 'b')), ['BALTO_RULE_SHADOWED rules[1]']);
  t.same(warnings(longer(5000, 'a'), longer(4000, 'b')), []);
  const night = (from: string, to: string, weekdays?: number[]) => ({
    hours: [{ from, to }],
    ...(weekdays ? { weekdays } : {}),
  });
  t.same(
    warnings(
      rule('a', ['stt/a'], { when: night('22:00', '06:00') }),
      rule('b', ['stt/b'], { when: night('01:00', '05:00', [0]) }),
    ),
    ['BALTO_RULE_SHADOWED rules[1]'],
  );
  t.same(
    warnings(
      rule('a', ['stt/a'], { when: night('22:00', '06:00', [6]) }),
      rule('b', ['stt/b'], { when: night('01:00', '05:00') }),
    ),
    [],
  );
  t.same(warnings({ ...all, enabled: false }, rule('b', ['stt/b'])), []);
  const live = rule('viva', ['stt/a'], { mode: 'stream', priority: 20 });
  t.same(warnings(shorter(5000, 'curta'), live), ['BALTO_RULE_NEVER_STREAMS rules[1].mode']);
  const tagged = { ...live, when: { counterTags: ['caixa'] } };
  t.same(
    warnings({ ...shorter(5000, 'curta'), when: { durationMs: { max: 5000 }, counterTags: ['drive'] } }, tagged),
    [],
  );
});

t.test('a provider without its key is warned of', async (t) => {
  t.match(check(rule('a', ['stt/b', 'stt/k'])).warnings, [
    { code: 'BALTO_RULE_UNUSABLE', field: 'rules[0].use[1]', message: 'stt/k: defina K_API_KEY no .env' },
  ]);
});

t.test('a rule set that leaves a counter without a candidate is refused', async (t) => {
  const accept = (parts: Partial<Effective>, ...rules: Rule[]) => {
    const current = stage.effective(parts);
    const counters = (accepted: Rule[]) => [
      {
        registry,
        current,
        effective: { ...current, counterId: 'b1', rules: { client: accepted, global: [] } },
        language: 'pt-BR',
        counterTags: ['caixa'],
      },
    ];
    return acceptRules({ rules }, of, counters).then(
      ({ warnings }) => warnings.map(({ code }) => code),
      ({ code, field, message }) => ({ code, field, message }),
    );
  };
  const none = { code: 'BALTO_RULE_NO_CANDIDATE', field: 'rules' };
  t.match(await accept({}, rule('a', ['stt/a'], { must: ['region:eu'] })), {
    ...none,
    message: /o balcão b1 ficaria sem candidato: a regra "a" não aceita nenhum/,
  });
  t.same(await accept({}, rule('a', ['stt/k'])), ['BALTO_RULE_UNUSABLE'], 'it passes on to the list');
  t.match(await accept({}, rule('a', ['stt/k'], { must: ['vendor:k'] })), none, 'it does not');
  const elsewhere = { must: ['region:eu'], when: { counterTags: ['drive'] } };
  t.same(await accept({}, rule('a', ['stt/a'], elsewhere)), [], 'not a counter of this client');
  t.same(
    await accept({}, rule('antes', ['stt/b'], { priority: 1 }), rule('a', ['stt/a'], { must: ['region:eu'] })),
    ['BALTO_RULE_SHADOWED'],
    'it never gets its turn',
  );
  const short = rule('curta', ['stt/b'], { when: { durationMs: { max: 5000 } } });
  const long = rule('longa', ['stt/c'], { when: { durationMs: { min: 5000 } } });
  const unlisted = stage.listed('stt', ['stt/k'], 'environment');
  const covered = { ...unlisted, rules: { client: [rule('x', ['stt/a'])], global: [] } };
  t.match(await accept(covered, short), { ...none, message: /há falas que não cabem em nenhuma regra/ });
  t.same(await accept(covered, short, long), []);
  t.match(await accept(covered), none, 'the rules were all there was');
  t.same(await accept(unlisted, short), [], 'it was so before, and is better now');
  t.match(
    await accept(unlisted, rule('a', ['stt/k'], { must: ['local'] })),
    none,
    'it turns everybody away, key or no key',
  );
  const day = { hours: [{ from: '06:00', to: '22:00' }] };
  const night = { hours: [{ from: '22:00', to: '05:59' }] };
  t.match(
    await accept(covered, rule('dia', ['stt/a'], { when: day }), rule('noite', ['stt/b'], { when: night })),
    none,
  );
  const later = { hours: [{ from: '22:00', to: '06:00' }] };
  t.same(await accept(covered, rule('dia', ['stt/a'], { when: day }), rule('noite', ['stt/b'], { when: later })), []);
  await t.rejects(
    acceptRules({ rules: 3 }, of, () => []),
    { code: 'BALTO_RULE_SCHEMA', field: 'rules' },
  );
});
