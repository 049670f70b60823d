import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import t from 'tap';
import { audioPath } from '../../core/store/audio-files.ts';
import { backupTo } from '../../core/store/backup-file.ts';
import type { Store } from '../../core/store/index.ts';
import { exportTo } from '../../core/store/lgpd.ts';
import type { LgpdScope } from '../../core/store/lgpd-scope.ts';
import { filesHolding, tablesHolding } from '../helpers/canaries.ts';
import { forEachDatabase, temporaryFolder } from '../helpers/databases.ts';
import { interaction } from '../helpers/interactions.ts';

const BY = { actor: 'admin:teste' };
let shops = 0;
const AT = new Date('2026-11-20T12:00:00.000Z');

/** A client with two counters and an employee; everything that is kept of an interaction holds its canary. */
async function shop(store: Store, email: string) {
  const { client } = await store.clients.create({ email, companyName: 'Farmácia' });
  const { clientId } = client;
  const [first, second] = [
    (await store.counters.register(clientId, 'Caixa 1')).counter.counterId,
    (await store.counters.register(clientId, 'Caixa 2')).counter.counterId,
  ];
  const employee = await store.employees.create(clientId, `Canario${email}`, BY);
  const plant = async (canary: string, counterId: string, more: { at?: Date; employeeId?: number } = {}) => {
    const { at = AT, employeeId = null } = more;
    const id = store.ids.nextId();
    const row = interaction({
      id,
      clientId,
      counterId,
      timestamp: at,
      transcript: `disse ${canary}`,
      transcriptNormalized: canary,
      transcriptClassification: JSON.stringify({ ancoras_para_excluir: [canary] }),
      modelRawResponse: canary,
      employeeId,
      gate: { entrega: 'enviado', decisoes: [{ rule: 'r', allowed: true, trecho: canary }], segmentos: [1] },
      candidates: [{ name: 'Soro', evidencia: canary }],
    });
    await store.journal.append({ type: 'interaction', interaction: row, usage: [usage(id, clientId, counterId)] });
    await store.journal.append({
      type: 'shadow',
      interactionId: id,
      shadow: shadowOf(id, clientId, canary),
      usage: [],
    });
    await store.drained();
    const review = { clientId, interactionId: id, transcriptOk: false, correctedText: canary, note: canary };
    await store.reviews.add({ ...review, words: 1, errors: 1, provider: 'stt/a', recommendation: 'insegura' }, BY);
    await store.audio.write(audioPath({ id, counterId, at }), Buffer.from(canary));
    return id;
  };
  return { clientId, first, second, employee, plant };
}

function usage(interactionId: number, clientId: string, counterId: string) {
  const figures = { quantity: 2, costMicroUsd: 7, priceVersion: null, unit: 'second', of: 'audio_in', model: 'm' };
  const of = { clientId, counterId, interactionId, at: AT, kind: 'stt', provider: 'stt/a' };
  const how = { purpose: 'answer' as const, mode: 'batch' as const, channels: null };
  return { ...figures, ...of, ...how, idempotencyKey: `u${interactionId}` };
}

function shadowOf(interactionId: number, clientId: string, text: string) {
  const answer = { provider: 'stt/a', text };
  const how = { model: null, outcome: 'answered' as const, errorCode: null, durationMs: 5, costMicroUsd: 1 };
  return { idempotencyKey: `s${interactionId}`, clientId, at: AT, answer, provider: 'stt/b', text, ...how };
}

t.test('people’s data: handed out, erased, and kept for its time', (t) =>
  forEachDatabase(t, async (t, open) => {
    const store = await open();
    const { db, jobs, audio } = store;

    await t.test('what is erased is in no table, file or later backup; everybody else’s is', async (t) => {
      const a = await shop(store, `a@${++shops}`);
      const b = await shop(store, `b@${++shops}`);
      const one = await a.plant('CANARIOUM', a.first);
      await a.plant('CANARIODOIS', a.first, { employeeId: a.employee.id });
      await a.plant('CANARIOTRES', a.second);
      await a.plant('CANARIOQUATRO', a.first, { at: new Date('2026-11-01T12:00:00Z') });
      await b.plant('CANARIOALHEIO', b.first);
      const record = { tokenHash: 'h', counterId: a.second, sessionId: 's', state: 'CANARIOTRES', ttlMs: 60_000 };
      await store.resumes.save([{ ...record, clientId: a.clientId }]);
      const scopes: [string, LgpdScope, Record<string, number>][] = [
        ['CANARIOUM', { interaction: one }, { interacoes: 1, shadow_results: 1, avaliacoes: 1, alertas: 1 }],
        ['CANARIODOIS', { employee: a.employee.id }, { interacoes: 1, funcionarios: 1 }],
        ['CANARIOTRES', { counter: a.second }, { interacoes: 1, arquivos_de_audio: 1 }],
        [
          'CANARIOQUATRO',
          { from: new Date('2026-11-01T00:00:00Z'), to: new Date('2026-11-02T00:00:00Z') },
          { interacoes: 1 },
        ],
      ];
      const whole = await tablesHolding(store, ['CANARIO']);
      t.ok(
        whole.includes('interacoes') && whole.includes('shadow_results') && whole.includes('avaliacoes'),
        `${whole}`,
      );
      for (const [canary, scope, counts] of scopes) {
        const receipt = await store.lgpd.erasure.erase(a.clientId, scope, BY);
        t.match(receipt, { clientId: a.clientId, action: 'erase', counts, hash: /^[0-9a-f]{64}$/ }, canary);
        t.match(receipt.unreached, [/stt\/a/, /cópias de segurança/]);
        t.same(await tablesHolding(store, [canary]), [], canary);
      }
      const gone = [...scopes.map(([canary]) => canary), a.employee.name];
      t.same(await tablesHolding(store, gone), []);
      t.same(await filesHolding(open.options.dataDir, gone), [], 'the data folder, byte for byte');
      t.same(await tablesHolding(store, ['CANARIOALHEIO']), ['avaliacoes', 'interacoes', 'shadow_results']);
      const file = join(await temporaryFolder(t), 'backup.tar.gz');
      await backupTo(store, file);
      const archive = gunzipSync(await readFile(file)).toString('latin1');
      t.notOk(gone.some((canary) => archive.includes(canary)));
      t.ok(archive.includes('CANARIOALHEIO'));
      const entries = (await store.audit.list(50)).filter(({ action }) => action === 'lgpd.erase');
      t.equal(entries.length, 4);
      t.equal((await store.lgpd.receipts.list(a.clientId)).length, 4);
      const costs = await store.db.kysely.selectFrom('usage_ledger').select('interacao_id').execute();
      t.equal(costs.length, 5, 'what was billed stays');
      t.equal(costs.filter(({ interacao_id }) => interacao_id !== null).length, 1);
    });

    await t.test('an export holds all of it and nobody else’s, and its last line is the receipt', async (t) => {
      const a = await shop(store, `a@${++shops}`);
      const b = await shop(store, `b@${++shops}`);
      await a.plant('CANARIOUM', a.first, { employeeId: a.employee.id });
      await b.plant('CANARIOALHEIO', b.first);
      const file = join(await temporaryFolder(t), 'dados.jsonl');
      const receipt = await exportTo(store, { client: a.clientId, scope: { employee: a.employee.id } }, file);
      t.equal((await stat(file)).mode & 0o777, 0o600);
      const lines = (await readFile(file, 'utf8'))
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
      t.same(
        lines.map(({ tabela }) => tabela),
        ['funcionarios', 'interacoes', 'shadow_results', 'avaliacoes', 'usage_ledger', undefined],
      );
      t.equal(lines.at(-1).recibo.hash, receipt.hash);
      t.same(receipt.counts, { funcionarios: 1, interacoes: 1, shadow_results: 1, avaliacoes: 1, usage_ledger: 1 });
      t.notOk(JSON.stringify(lines).includes('CANARIOALHEIO'));
      await t.rejects(exportTo(store, { client: b.clientId, scope: { interaction: 1 } }, '/nada/x'), {
        code: 'BALTO_BACKUP_FILE',
      });
    });

    await t.test('texts go after their time, figures stay; rows go after theirs', async (t) => {
      const a = await shop(store, `a@${++shops}`);
      const now = Date.now();
      const ago = (days: number) => new Date(now - days * 86_400_000);
      await a.plant('CANARIOHOJE', a.first, { at: ago(1) });
      const old = await a.plant('CANARIOVELHO', a.first, { at: ago(31) });
      const path = audioPath({ id: old, counterId: a.first, at: ago(31) });
      await store.journal.append({ type: 'patch', interactionId: old, fields: { audioFilePath: path }, usage: [] });
      await store.drained();
      await a.plant('CANARIOANTIGO', a.first, { at: ago(31 * 14) });
      t.match(await store.retention.run(new AbortController().signal), { texts: 1, rows: 1, voices: 1 });
      t.same(await tablesHolding(store, ['CANARIOVELHO', 'CANARIOANTIGO']), []);
      const kept = await store.interactions.list({ clientId: a.clientId }, 10);
      t.match(kept.rows, [
        { transcript: 'disse CANARIOHOJE', gate: { decisoes: [{ trecho: 'CANARIOHOJE' }] } },
        {
          transcript: null,
          sttModel: kept.rows[0]?.sttModel,
          gate: { entrega: 'enviado', decisoes: [{ rule: 'r', allowed: true }] },
        },
      ]);
      t.equal(kept.rows.length, 2);
      t.match(await store.retention.run(new AbortController().signal), { texts: 0, rows: 0 });
      t.equal(await audio.read(path), null, 'nobody keeps voices here');
      const shorter = { transcriptDays: 1, metricsMonths: 13, audioDays: 0 };
      await store.dataProtection.setRetention(a.clientId, shorter, '*', BY);
      t.match(await store.retention.run(new AbortController().signal), { texts: 1 });
      t.same(await tablesHolding(store, ['CANARIOHOJE']), []);
    });

    await t.test('of two processes one does a job that is due, and when it is done nobody does', async (t) => {
      t.equal(await jobs.claim('x'), true);
      t.equal(await jobs.claim('x'), false);
      await jobs.release('x');
      t.equal(await jobs.claim('x'), true);
      await jobs.finish('x', 60_000, { texts: 1 });
      t.equal(await jobs.claim('x'), false);
      t.match(await db.kysely.selectFrom('scheduled_jobs').selectAll().executeTakeFirst(), {
        last_result: { texts: 1 },
      });
    });

    await t.test('a path of the database leads nowhere outside the archive', async (t) => {
      for (const path of ['../secret.key', '/etc/passwd', 'archiver/../../x', 'outra/x.wav', 'archiver'])
        await t.rejects(audio.read(path), { code: 'BALTO_AUDIO_PATH' }, path);
      t.equal(await audio.read('archiver/2026-11-20/x/interaction_1.wav'), null);
      t.same(
        await readdir(open.options.dataDir).then((names) => names.includes('archiver')),
        false,
        'nothing was made',
      );
    });
  }),
);
