import { resolve } from 'node:path';
import { readEnvironment } from '../../config/environment.ts';
import { type Balto, createApp } from '../app.ts';
import { openMasking } from '../app-privacy.ts';
import type { BaltoError } from '../contracts/index.ts';
import type { LegacyReport } from '../legacy/report.ts';
import { type LegacyRequest, runLegacyImport } from '../legacy/run.ts';
import { loadPharmacyData } from '../pharmacy/data.ts';
import { callServer } from '../store/socket.ts';
import { systemClock } from '../store/system-clock.ts';
import type { Command, Io } from './command.ts';
import { silentLog } from './silent-log.ts';
import { withStore } from './with-store.ts';

/** Issues shown to a person; a program gets them all. */
const SHOWN = 50;

export const command: Command = {
  usage: 'import-legacy --from ORIGEM [--dry-run] [--source-tz FUSO] [--audio-dir PASTA] [--json]',
  summary:
    'Traz do servidor original clientes, balcões (as chaves bk_ continuam valendo), funcionários, turnos e interações. Com o servidor no ar ou parado; repetido, não duplica nada; interrompido, recomeça de onde parou. A origem só é lida.',
  options: {
    from: { type: 'string', value: 'ORIGEM', help: 'postgres://usuario:senha@maquina/banco, ou sqlite:registro.db' },
    'dry-run': { type: 'boolean', help: 'Lê e confere tudo, e não grava nada' },
    'source-tz': { type: 'string', value: 'FUSO', help: 'Fuso em que a origem gravou os horários (padrão UTC)' },
    'audio-dir': {
      type: 'string',
      value: 'PASTA',
      help: 'Pasta das gravações de cadastro: as vozes são medidas de novo',
    },
  },
  async run({ values }, io) {
    const audioDir = typeof values['audio-dir'] === 'string' ? resolve(values['audio-dir']) : undefined;
    const request: LegacyRequest = {
      from: whole(String(values['from'] ?? '')),
      dryRun: values['dry-run'] === true,
      sourceTz: String(values['source-tz'] ?? 'UTC'),
      codeTtlHours: readEnvironment(io.env, silentLog).codeTtlHours,
      audioDir,
    };
    const report = audioDir === undefined ? await withoutVoices(io, request) : await withVoices(io, request);
    io.out(values['json'] === true ? JSON.stringify(report) : told(report));
    return report.ok ? 0 : 1;
  },
};

const remote = (args: LegacyRequest) => ({ op: 'import-legacy', args });

function withoutVoices(io: Io, request: LegacyRequest): Promise<LegacyReport> {
  return withStore(io, remote(request), (store) => {
    const masking = openMasking(store.db, loadPharmacyData(), systemClock, silentLog);
    return runLegacyImport({ store, masking }, request);
  });
}

/** Voices are measured by providers: where no server runs that has them, one is built that does not listen. */
async function withVoices(io: Io, request: LegacyRequest): Promise<LegacyReport> {
  let balto: Balto;
  try {
    balto = await createApp({ env: { ...io.env, BALTO_LOG_LEVEL: 'silent', WEB_CONCURRENCY: '1' } });
  } catch (error) {
    if ((error as BaltoError).code !== 'BALTO_STORE_LOCKED') throw error;
    const { dataDir } = readEnvironment(io.env, silentLog);
    return (await callServer(dataDir, 'import-legacy', request)) as LegacyReport;
  }
  try {
    return await balto.importLegacy(request);
  } finally {
    await balto.close();
  }
}

/** The server may run in another folder than whoever calls it. */
function whole(from: string): string {
  return from.startsWith('sqlite:') ? `sqlite:${resolve(from.slice('sqlite:'.length))}` : from;
}

function told(report: LegacyReport): string {
  const { tables, codes, voicesToEnrol, voicesEnrolled, issues, issueCounts, dryRun } = report;
  const counts = Object.entries(tables).map(([name, { imported, existing, refused }]) => {
    return `  ${name.padEnd(20)} ${count(imported)} ${count(existing)} ${count(refused)}`;
  });
  const lines = [
    dryRun ? 'Ensaio: nada foi gravado.' : 'Importação terminada.',
    `  ${''.padEnd(20)} ${'novas'.padStart(9)} ${'já havia'.padStart(9)} ${'recusadas'.padStart(9)}`,
    ...counts,
  ];
  if (codes.length > 0) lines.push('', 'Códigos novos (mostrados só agora):');
  for (const { name, code } of codes) lines.push(`  ${code}  ${name}`);
  if (voicesEnrolled > 0) lines.push('', `Vozes recadastradas das gravações: ${voicesEnrolled}`);
  if (voicesToEnrol.length > 0) lines.push('', 'Recadastrar a voz de:');
  for (const { name } of voicesToEnrol.slice(0, SHOWN)) lines.push(`  ${name}`);
  if (issues.length > 0) lines.push('', 'Avisos:');
  for (const { table, id, field, effect, message } of issues.slice(0, SHOWN)) {
    const what = effect === 'refused' ? 'recusada' : 'importada';
    lines.push(`  ${table} ${id}${field === null ? '' : `, ${field}`}: ${what}: ${message}`);
  }
  const all = Object.values(issueCounts).reduce((sum, each) => sum + each, 0);
  if (all > SHOWN) lines.push(`  … ${all} avisos ao todo; com --json, os primeiros 1.000`);
  return lines.join('\n');
}

function count(value: number): string {
  return String(value).padStart(9);
}
