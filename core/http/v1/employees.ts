import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import { clockTime, type Employee, minuteOf } from '../../store/employees-table.ts';
import { PAGE_ROWS } from '../../store/page.ts';
import type { Access } from '../access.ts';
import type { HttpOptions } from '../options.ts';
import { PROBLEMS, refuse } from '../problem.ts';
import { authorOf, givenRevision, IF_MATCH, PAGE_QUERY, pageOf, sendPage, setEtag, Why } from './conventions.ts';
import { ID, Moment, nullable, strict, Text } from './schemas.ts';

export const EMPLOYEE_ID = Type.Object({
  ...ID.properties,
  employee: Type.Integer({ minimum: 1, maximum: 2_147_483_647 }),
});

export const ShownEmployee = Type.Object({
  id: Type.Integer(),
  clientId: Type.String(),
  name: Type.String(),
  voice: Type.Object({
    state: Type.String({
      description: 'sem_voz, cadastrada, recadastrar (a que havia era de outro modelo) ou apagada',
    }),
    model: nullable(Type.String({ description: 'Provedor e modelo que a mediu' })),
    enrolledAt: nullable(Moment),
    speechMs: nullable(Type.Integer({ description: 'Fala de que foi medida' })),
    fileName: nullable(Type.String()),
  }),
  consent: Type.String({
    description: 'ausente, a_confirmar (a voz não é comparada, salvo declaração do cliente), confirmado ou retirado',
  }),
  createdAt: Moment,
  revision: Type.Integer({ description: 'A mesma do ETag' }),
});

const ClockTime = (description: string) => Type.String({ pattern: '^([01]\\d|2[0-3]):[0-5]\\d$', description });
const Shift = strict({
  weekday: Type.Integer({ minimum: 0, maximum: 6, description: '0 = segunda-feira … 6 = domingo' }),
  start: ClockTime('HH:MM, incluída, no fuso do cliente'),
  end: ClockTime('HH:MM, incluída; antes do início, o turno passa da meia-noite'),
});
const Shifts = Type.Object({ shifts: Type.Array(Shift, { description: 'Sem nenhum, está sempre de turno' }) });

const tags = ['Funcionários'];
export const READS: Access = { may: 'clients.read', client: 'params.id' };
export const WRITES: Access = { may: 'employees.write', client: 'params.id' };
const response = { 200: ShownEmployee, ...PROBLEMS };

/** `/api/v1/clients/{id}/employees`: who works at the counters, and when. */
export const employees: FastifyPluginAsyncTypebox<HttpOptions> = async (app, options) => {
  app.route({
    method: 'GET',
    url: '/api/v1/clients/:id/employees',
    config: { access: READS },
    schema: {
      summary: 'Funcionários de um cliente, por nome',
      tags,
      params: ID,
      querystring: Type.Object({
        ...PAGE_QUERY,
        q: Type.Optional(Type.String({ minLength: 1, maxLength: 100, description: 'Parte do nome' })),
      }),
      response: { 200: pageOf(ShownEmployee), ...PROBLEMS },
    },
    handler: async (request, reply) => {
      const { q, limit = PAGE_ROWS.usual, cursor } = request.query;
      const clientId = await clientOf(options, request);
      return sendPage(request, reply, await options.employees.page(clientId, q, limit, cursor), shown);
    },
  });

  app.route({
    method: 'POST',
    url: '/api/v1/clients/:id/employees',
    config: { access: WRITES },
    schema: {
      summary: 'Cadastra um funcionário, ainda sem voz',
      tags,
      params: ID,
      body: strict({ name: Text('Nome') }),
      response: { 201: ShownEmployee, ...PROBLEMS },
    },
    handler: async (request, reply) => {
      const clientId = await clientOf(options, request);
      const made = await options.employees.create(clientId, request.body.name, authorOf(request));
      reply.code(201).header('location', `/api/v1/clients/${clientId}/employees/${made.id}`);
      return answer(reply, made);
    },
  });

  app.route({
    method: 'GET',
    url: '/api/v1/clients/:id/employees/:employee',
    config: { access: READS },
    schema: { summary: 'Um funcionário', tags, params: EMPLOYEE_ID, response },
    handler: async (request, reply) => {
      const { id, employee } = request.params;
      return answer(reply, await options.employees.byId(id, employee));
    },
  });

  app.route({
    method: 'PATCH',
    url: '/api/v1/clients/:id/employees/:employee',
    config: { access: WRITES },
    schema: {
      summary: 'Troca o nome',
      tags,
      params: EMPLOYEE_ID,
      headers: IF_MATCH,
      body: strict({ name: Text('Nome'), why: Why }),
      response,
    },
    handler: async (request, reply) => {
      const { id, employee } = request.params;
      const { name, why } = request.body;
      const by = authorOf(request, why);
      return answer(reply, await options.employees.rename(id, employee, name, by, givenRevision(request)));
    },
  });

  app.route({
    method: 'DELETE',
    url: '/api/v1/clients/:id/employees/:employee',
    config: { access: WRITES },
    schema: {
      summary: 'Saiu: nome, voz e turnos são apagados na hora; o registro de consentimentos diz quando',
      tags,
      params: EMPLOYEE_ID,
      headers: IF_MATCH,
      response: { 204: Type.Null(), ...PROBLEMS },
    },
    handler: async (request, reply) => {
      const { id, employee } = request.params;
      const gone = await options.employees.remove(id, employee, authorOf(request), givenRevision(request));
      if (!gone) throw unknown();
      return reply.code(204).send(null);
    },
  });

  app.route({
    method: 'GET',
    url: '/api/v1/clients/:id/employees/:employee/shifts',
    config: { access: READS },
    schema: { summary: 'Turnos', tags, params: EMPLOYEE_ID, response: { 200: Shifts, ...PROBLEMS } },
    handler: async (request) => {
      const { id, employee } = request.params;
      const shifts = await options.employees.shifts(id, employee);
      if (!shifts) throw unknown();
      return {
        shifts: shifts.map(({ weekday, startMinute, endMinute }) => {
          return { weekday, start: clockTime(startMinute), end: clockTime(endMinute) };
        }),
      };
    },
  });

  app.route({
    method: 'PUT',
    url: '/api/v1/clients/:id/employees/:employee/shifts',
    config: { access: WRITES },
    schema: {
      summary: 'Troca os turnos, todos; vale em todos os processos em menos de 1 s',
      tags,
      params: EMPLOYEE_ID,
      body: strict({ shifts: Type.Array(Shift, { maxItems: 100 }), why: Why }),
      response,
    },
    handler: async (request, reply) => {
      const { id, employee } = request.params;
      const { shifts, why } = request.body;
      const wanted = shifts.map(({ weekday, start, end }) => {
        return { weekday, startMinute: minuteOf(start), endMinute: minuteOf(end) };
      });
      return answer(reply, await options.employees.replaceShifts(id, employee, wanted, authorOf(request, why)));
    },
  });
};

/** @throws 404 where there is no such client. */
async function clientOf({ clients }: HttpOptions, request: FastifyRequest): Promise<string> {
  const client = await clients.byId((request.params as { id: string }).id);
  if (!client) throw refuse(404, 'BALTO_CLIENT_UNKNOWN', 'Cliente não encontrado.');
  return client.clientId;
}

/** The employee as a body, with its ETag. @throws 404 where there is nobody. */
export function answer(reply: FastifyReply, employee: Employee | null): Static<typeof ShownEmployee> {
  if (!employee) throw unknown();
  setEtag(reply, employee.revision);
  return shown(employee);
}

function shown({ createdAt, voice, ...rest }: Employee): Static<typeof ShownEmployee> {
  const enrolledAt = voice.enrolledAt?.toISOString() ?? null;
  return { ...rest, voice: { ...voice, enrolledAt }, createdAt: createdAt.toISOString() };
}

export function unknown() {
  return refuse(404, 'BALTO_EMPLOYEE_UNKNOWN', 'Funcionário não encontrado.');
}
