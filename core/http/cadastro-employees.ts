import multipart from '@fastify/multipart';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { decodeUpload } from '../audio/decode/index.ts';
import { type Employee, minuteOf } from '../store/employees-table.ts';
import type { CodeGuesses } from './code-guesses.ts';
import type { HttpOptions } from './options.ts';
import { PROBLEMS, refuse } from './problem.ts';
import { requireAllowance } from './request-limits.ts';
import { UPLOAD_LIMITS, type Upload, Uploads } from './upload.ts';

/** Longer recordings say no more about a voice. */
export const VOICE_MAX_SECONDS = 300;
const CODE = 'Código de 6 dígitos; depois de vencido, o identificador do cliente, com sessão ou token';
const CLOCK_TIME = '^([01]\\d|2[0-3]):[0-5]\\d(:[0-5]\\d)?$';

type Options = HttpOptions & { codes: CodeGuesses };

/** `POST /cadastro/voz`: the voice of an employee, from the tools in the field. */
export const registerVoice: FastifyPluginAsyncTypebox<Options> = async (app, options) => {
  const { codes, enrolment, ffmpegPath } = options;
  await app.register(multipart, UPLOAD_LIMITS);
  const uploads = new Uploads();
  app.route({
    method: 'POST',
    url: '/cadastro/voz',
    config: { access: { who: 'public' }, saysSuccess: true },
    schema: {
      summary: 'Cadastra a voz de um funcionário (multipart); o mesmo nome no mesmo cliente troca a voz',
      description: `Campos: user_codigo (${CODE}), balconista_id (nome do funcionário), audio (arquivo).`,
      tags: ['Cadastro'],
      consumes: ['multipart/form-data'],
      response: {
        201: Type.Object({
          success: Type.Literal(true),
          user_id: Type.String(),
          balconista_id: Type.String({ description: 'Nome do funcionário' }),
          funcionario_id: Type.Integer(),
          audio_file_name: Type.Union([Type.String(), Type.Null()]),
          consentimento: Type.String({ description: 'a_confirmar: a voz só é comparada depois de confirmada' }),
        }),
        ...PROBLEMS,
      },
    },
    handler: async (request, reply) => {
      const attempt = codes.begin(request);
      const owner = once((fields: Upload['fields']) => attempt.clientOf(textOf(fields, 'user_codigo', 64)));
      const known = async () => {
        const upload = await uploads.read(request, 'audio', async (fields) => {
          if (fields['user_codigo'] !== undefined) await owner(fields);
        });
        return { upload, ...(await owner(upload.fields)) };
      };
      const { upload, client, actor } = await known().finally(() => attempt.end());
      const { clientId } = client;
      await requireAllowance(options.requestLimits, request, reply, {
        who: { key: clientId, clientId },
        group: 'cadastro',
      });
      const name = nameOf(textOf(upload.fields, 'balconista_id', 200));
      if (!upload.file) throw refuse(400, 'BALTO_HTTP_FIELD', 'Campo obrigatório: audio', 'audio');
      const pcm = await decodeUpload(upload.file.bytes, {
        log: request.log,
        ffmpegPath,
        maxSeconds: VOICE_MAX_SECONDS,
      });
      const sample = { clientId, of: { name }, pcm, fileName: upload.file.name };
      const employee = (await enrolment.enrol(sample, { actor, address: request.ip })) as Employee;
      return reply.code(201).header('cache-control', 'no-store').send({
        success: true,
        user_id: clientId,
        balconista_id: employee.name,
        funcionario_id: employee.id,
        audio_file_name: employee.voice.fileName,
        consentimento: employee.consent,
      });
    },
  });
};

/** `POST /cadastro/turno`: when an employee works, from the tools in the field. */
export const registerShift: FastifyPluginAsyncTypebox<Options> = async (app, options) => {
  const { codes, employees } = options;
  app.route({
    method: 'POST',
    url: '/cadastro/turno',
    config: { access: { who: 'public' } },
    schema: {
      summary: 'Troca os turnos de um funcionário; sem dia nenhum, está sempre de turno',
      tags: ['Cadastro'],
      body: Type.Object({
        user_codigo: Type.String({ minLength: 1, maxLength: 64, description: CODE }),
        funcionario_id: Type.Integer({ minimum: 1, maximum: 2_147_483_647 }),
        dias_semana: Type.Array(Type.Integer({ minimum: 0, maximum: 6 }), {
          maxItems: 50,
          description: '0 = segunda-feira … 6 = domingo',
        }),
        hora_inicio: Type.String({ pattern: CLOCK_TIME, description: 'HH:MM, incluída, no fuso do cliente' }),
        hora_fim: Type.String({
          pattern: CLOCK_TIME,
          description: 'HH:MM, incluída; antes do início, o turno passa da meia-noite',
        }),
      }),
      response: { 200: Type.Object({ success: Type.Literal(true), message: Type.String() }), ...PROBLEMS },
    },
    handler: async (request, reply) => {
      const { user_codigo, funcionario_id, dias_semana, hora_inicio, hora_fim } = request.body;
      const { client, actor } = await codes.begin(request).clientOf(user_codigo);
      const { clientId } = client;
      await requireAllowance(options.requestLimits, request, reply, {
        who: { key: clientId, clientId },
        group: 'cadastro',
      });
      const [startMinute, endMinute] = [minuteOf(hora_inicio), minuteOf(hora_fim)];
      const shifts = [...new Set(dias_semana)].map((weekday) => ({ weekday, startMinute, endMinute }));
      const by = { actor, address: request.ip };
      const employee = await employees.replaceShifts(clientId, funcionario_id, shifts, by);
      if (!employee) throw refuse(404, 'BALTO_EMPLOYEE_UNKNOWN', 'Funcionário não encontrado.', 'funcionario_id');
      return { success: true, message: 'Turnos gravados.' } as const;
    },
  });
};

/** A field of a form. @throws 400 naming it. */
function textOf(fields: Upload['fields'], field: string, maxLength: number): string {
  const text = fields[field]?.trim() ?? '';
  if (text === '') throw refuse(400, 'BALTO_HTTP_FIELD', `Campo obrigatório: ${field}`, field);
  if (text.length <= maxLength) return text;
  throw refuse(400, 'BALTO_HTTP_FIELD', `Campo inválido: ${field} (no máximo ${maxLength} caracteres)`, field);
}

/** As people are called: on one line. */
function nameOf(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/\p{Cc}/gu, '');
}

function once<A, T>(ask: (argument: A) => Promise<T>): (argument: A) => Promise<T> {
  let asked: Promise<T> | undefined;
  return (argument) => {
    asked ??= ask(argument);
    return asked;
  };
}
