import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { type Static, Type } from 'typebox';
import type { Line, OtcList } from '../../pharmacy/otc.ts';
import { minimumAge, type Restriction, type Tightening, tighteningOf } from '../../pharmacy/tightening.ts';
import { sectionsOf } from '../../store/config-snapshot.ts';
import { LocalTime } from '../local-time.ts';
import type { HttpOptions } from '../options.ts';
import { PROBLEMS, refuse } from '../problem.ts';
import { ID, nullable } from './schemas.ts';

const Because = {
  minAgeYears: Type.Integer({ description: 'A da lista, ou a que o farmacêutico elevou' }),
  restrictedBy: Type.Array(Type.String(), { description: 'Restrições que barram ou chamam o farmacêutico, por id' }),
};

const Shown = Type.Object({
  version: Type.String({ description: 'A versao_lista que fica em cada decisão' }),
  today: Type.String({ description: 'Dia para o qual vale a resposta, AAAA-MM-DD' }),
  readable: Type.Boolean({ description: 'false: as restrições guardadas não podem ser lidas, e nada é oferecido' }),
  lines: Type.Array(
    Type.Object({
      rule: Type.String(),
      substances: Type.Array(
        Type.Object({
          name: Type.String(),
          upTo: nullable(Type.Object({ value: Type.Number(), unit: Type.String() })),
        }),
      ),
      forms: Type.Array(Type.String()),
      indications: Type.Array(Type.String()),
      maxDays: Type.Integer(),
      validFrom: Type.String(),
      validTo: nullable(Type.String()),
      inForce: Type.Boolean(),
      checked: Type.Boolean({ description: 'Conferida com o texto oficial' }),
      source: Type.String(),
      ...Because,
    }),
  ),
  groups: Type.Array(
    Type.Object({
      rule: Type.String(),
      tags: Type.Array(Type.String()),
      pregnancy: Type.Boolean({ description: 'Pode ser oferecido na gravidez' }),
      lactation: Type.Boolean({ description: 'Pode ser oferecido na amamentação' }),
      ...Because,
    }),
  ),
  never: Type.Array(Type.Object({ rule: Type.String(), what: Type.String(), reason: Type.String() })),
});

/** `/api/v1/clients/{id}/otc`: what may be offered at a client's counters today, and what keeps the rest back. */
export const otc: FastifyPluginAsyncTypebox<HttpOptions> = async (
  app,
  { otc: list, config, clients, clock, settings },
) => {
  const time = new LocalTime(settings.timeZone);
  app.route({
    method: 'GET',
    url: '/api/v1/clients/:id/otc',
    config: { access: { may: 'clients.read', client: 'params.id' } },
    schema: {
      summary: 'A lista de venda livre como vale hoje para um cliente, com as restrições do farmacêutico',
      tags: ['Lista de venda livre'],
      params: ID,
      response: { 200: Shown, ...PROBLEMS },
    },
    handler: async (request) => {
      const { id } = request.params;
      if (!(await clients.byId(id))) throw refuse(404, 'BALTO_CLIENT_UNKNOWN', 'Cliente não encontrado.');
      const tightening = tighteningOf(sectionsOf(config.snapshot(), id, null).get('restrictions'), list.names);
      return shown(list, tightening, time.iso(clock.date()).slice(0, 10));
    },
  });
};

function shown(list: OtcList, tightening: Tightening, today: string): Static<typeof Shown> {
  const byRule = Map.groupBy([...list.groups], ([, { rule }]) => rule);
  return {
    version: list.version,
    today,
    readable: !tightening.unreadable,
    lines: [...list.lines.values()].flat().map((line) => shownLine(line, tightening, today)),
    groups: [...byRule].flatMap(([rule, entries]) => {
      const [group] = entries.map(([, each]) => each);
      const tags = entries.map(([tag]) => tag);
      if (!group) return [];
      const { pregnancy, lactation, minAgeYears } = group;
      const because = becauseOf(tightening, rule, minAgeYears, tags, false);
      return [{ rule, tags, pregnancy, lactation, ...because }];
    }),
    never: [...list.neverClass, ...list.neverForm, ...list.neverSubstanceClass].map(([what, { rule, reason }]) => ({
      rule,
      what,
      reason,
    })),
  };
}

function shownLine(line: Line, tightening: Tightening, today: string) {
  const { rule, limits, forms, indications, maxDays, validFrom, validTo, checked, source, minAgeYears } = line;
  return {
    rule,
    substances: [...limits].map(([name, upTo]) => ({ name, upTo })),
    forms: [...forms],
    indications: [...indications],
    maxDays,
    validFrom,
    validTo,
    inForce: validFrom <= today && (validTo === null || today <= validTo),
    checked,
    source,
    ...becauseOf(tightening, rule, minAgeYears, [...limits.keys()], true),
  };
}

/** `keys`: its substances, or its tags. */
function becauseOf(
  tightening: Tightening,
  rule: string,
  listYears: number,
  keys: readonly string[],
  medicine: boolean,
) {
  const { substances, tags, rules, pharmacist } = tightening;
  const found = [
    rules.get(rule),
    pharmacist.get(rule),
    medicine ? pharmacist.get('*') : undefined,
    ...keys.flatMap((key) => [(medicine ? substances : tags).get(key), pharmacist.get(key)]),
  ].filter((each): each is Restriction => each !== undefined);
  return {
    minAgeYears: minimumAge(tightening, listYears, rule, medicine).years,
    restrictedBy: [...new Set(found.map(({ id }) => id))],
  };
}
