import { createHash } from 'node:crypto';
import multipart from '@fastify/multipart';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { type Static, Type } from 'typebox';
import Value from 'typebox/value';
import { decodeUpload } from '../../audio/decode/index.ts';
import { ConsentText } from '../../routing/voices.ts';
import { VOICE_MAX_SECONDS } from '../cadastro-employees.ts';
import type { HttpOptions } from '../options.ts';
import { PROBLEMS, refuse } from '../problem.ts';
import { UPLOAD_LIMITS, type Upload, Uploads } from '../upload.ts';
import { authorOf, Why } from './conventions.ts';
import { answer, EMPLOYEE_ID, READS, ShownEmployee, unknown, WRITES } from './employees.ts';
import { Moment, nullable, strict } from './schemas.ts';

const tags = ['Funcionários'];
const response = { 200: ShownEmployee, ...PROBLEMS };

const Record = Type.Object({
  consents: Type.Array(
    Type.Object({
      event: Type.String({ description: 'a_confirmar, confirmado, retirado ou voz_apagada' }),
      at: Moment,
      author: Type.String(),
      basis: nullable(Type.String({ description: 'Base legal declarada (LGPD, art. 11)' })),
      textVersion: nullable(Type.String()),
    }),
  ),
});

/** `/…/employees/{employee}/voice` and `/consent`: the voice itself never leaves the house. */
export const employeeVoices: FastifyPluginAsyncTypebox<HttpOptions> = async (app, options) => {
  const { employees, voices, enrolment, ffmpegPath } = options;
  await app.register(multipart, UPLOAD_LIMITS);
  const uploads = new Uploads();
  // Read before an Idempotency-Key is looked at: another file is another request.
  app.addHook('preValidation', async (request) => {
    if (request.method === 'PUT') request.body = new VoiceForm(await uploads.read(request, 'audio'));
  });

  app.route({
    method: 'PUT',
    url: '/api/v1/clients/:id/employees/:employee/voice',
    config: { access: WRITES },
    schema: {
      summary: 'Cadastra a voz, ou troca a que há (multipart: audio e, com o consentimento, basis e textVersion)',
      tags,
      params: EMPLOYEE_ID,
      consumes: ['multipart/form-data'],
      response,
    },
    handler: async (request, reply) => {
      const { id: clientId, employee } = request.params;
      if (!(await employees.byId(clientId, employee))) throw unknown();
      const { fields, file } = (request.body as VoiceForm).upload;
      const consent = consentOf(fields);
      if (!file) throw refuse(400, 'BALTO_HTTP_FIELD', 'Campo obrigatório: audio', 'audio');
      const pcm = await decodeUpload(file.bytes, { log: request.log, ffmpegPath, maxSeconds: VOICE_MAX_SECONDS });
      const sample = { clientId, of: { id: employee }, pcm, fileName: file.name, consent };
      return answer(reply, await enrolment.enrol(sample, authorOf(request)));
    },
  });

  app.route({
    method: 'DELETE',
    url: '/api/v1/clients/:id/employees/:employee/voice',
    config: { access: WRITES },
    schema: { summary: 'Apaga a voz; o funcionário fica', tags, params: EMPLOYEE_ID, response },
    handler: async (request, reply) => {
      const { id, employee } = request.params;
      return answer(reply, await voices.erase(id, employee, authorOf(request)));
    },
  });

  app.route({
    method: 'GET',
    url: '/api/v1/clients/:id/employees/:employee/consent',
    config: { access: READS },
    schema: {
      summary: 'Registro de consentimentos, do mais antigo ao mais novo; fica depois que a voz é apagada',
      tags,
      params: EMPLOYEE_ID,
      response: { 200: Record, ...PROBLEMS },
    },
    handler: async (request) => {
      const { id, employee } = request.params;
      const consents = await employees.consents(id, employee);
      if (!consents) throw unknown();
      return { consents: consents.map(({ at, ...rest }) => ({ ...rest, at: at.toISOString() })) };
    },
  });

  app.route({
    method: 'POST',
    url: '/api/v1/clients/:id/employees/:employee/consent',
    config: { access: WRITES },
    schema: {
      summary: 'Registra o consentimento, ou que foi retirado: então a voz é apagada na hora',
      tags,
      params: EMPLOYEE_ID,
      body: Type.Union([
        strict({ granted: Type.Literal(true), ...ConsentText.properties, why: Type.Optional(Why) }),
        strict({ granted: Type.Literal(false), why: Type.Optional(Why) }),
      ]),
      response,
    },
    handler: async (request, reply) => {
      const { id, employee } = request.params;
      const { why, ...given } = request.body;
      return answer(reply, await employees.consent(id, employee, given, authorOf(request, why)));
    },
  });
};

/** A form as a body: what stands for its file in comparisons is its content. */
class VoiceForm {
  readonly #upload: Upload;

  constructor(upload: Upload) {
    this.#upload = upload;
  }

  get upload(): Upload {
    return this.#upload;
  }

  toJSON(): object {
    const { fields, file } = this.#upload;
    return { fields, ...(file && { name: file.name, sha256: createHash('sha256').update(file.bytes).digest('hex') }) };
  }
}

/** What came with the file; undefined: nobody said. @throws 400 for a part of it. */
function consentOf({
  basis,
  textVersion,
}: Upload['fields']): ({ granted: true } & Static<typeof ConsentText>) | undefined {
  if (basis === undefined && textVersion === undefined) return undefined;
  const given = { basis, textVersion };
  if (Value.Check(ConsentText, given)) return { granted: true, ...given };
  const field =
    Value.Errors(ConsentText, given)[0]?.instancePath.slice(1) || (basis === undefined ? 'basis' : 'textVersion');
  throw refuse(400, 'BALTO_HTTP_FIELD', `Campo inválido: ${field}`, field);
}
