import type { LegacyClient, LegacyCounter, LegacyEmployee, LegacyShift } from '../store/legacy-rows.ts';
import type { WallClock } from '../wall-clock.ts';
import { type LegacyReport, note } from './report.ts';
import { columnsOf, type LegacySource, type LegacyTable, pagesOf, type SourceRow } from './source.ts';
import { type Complain, clockTimeOf, integerOf, momentOf, textOf, vadOf } from './values.ts';

/** Longest id, name and file name that are taken. */
const MOST = { id: 64, name: 200, phone: 40, file: 500, key: 512 };
const EMAIL = /^[^\s@]+@[^\s@]+$/;
const LONGEST_EMAIL = 254;
/** The row that the original points to where it recognised nobody: no employee. */
const NOBODY = /^cliente\s*\/\s*desconhecido$/i;

/** Everything of the original but what was said, by client; held in memory: it is what one installation's people typed in. */
export interface LegacyHouse {
  clients: LegacyClient[];
  /** Counters of clients that are there, by id: whose they are. */
  owners: Map<string, string>;
  /** Ids of the rows that stand for nobody. */
  nobodies: Set<string>;
}

/**
 * Reads clients, counters, employees and shifts. A row that cannot be taken is noted; what hangs on it is noted too.
 * @throws BALTO_LEGACY_SOURCE where a table or a column is missing without which nothing can be imported.
 */
export async function readHouse(source: LegacySource, clock: WallClock, report: LegacyReport): Promise<LegacyHouse> {
  const clients = new Map<string, LegacyClient>();
  const owners = new Map<string, string>();
  const nobodies = new Set<string>();
  const employees = new Map<string, LegacyEmployee>();
  const emails = new Set<string>();
  const read = reader(source, report);
  await read('users', ['user_id', 'email', 'razao_social', 'telefone'], (row, refuse, complain) => {
    const client = clientOf(row, refuse, complain);
    if (!client) return;
    if (emails.has(client.email.toLowerCase())) {
      refuse('email', 'BALTO_LEGACY_EMAIL_TAKEN', 'outro cliente da origem tem o mesmo e-mail');
      return;
    }
    emails.add(client.email.toLowerCase());
    clients.set(client.clientId, client);
  });
  const ownerOf = (row: SourceRow, refuse: Complain) => {
    const client = clients.get(row['user_id'] ?? '');
    if (!client) refuse('user_id', 'BALTO_LEGACY_ORPHAN', 'o cliente não existe na origem, ou foi recusado');
    return client;
  };
  await read('balcoes', ['balcao_id', 'user_id', 'nome_balcao', 'api_key', 'vad_config'], (row, refuse, complain) => {
    const client = ownerOf(row, refuse);
    const counter = client && counterOf(row, refuse, complain);
    if (!client || !counter) return;
    client.counters.push(counter);
    owners.set(counter.counterId, client.clientId);
  });
  await read('funcionarios', ['id', 'user_id', 'nome', 'audio_file_name', 'criado_em'], (row, refuse, complain) => {
    const { id } = row;
    if (NOBODY.test(row['nome']?.trim() ?? '')) nobodies.add(id ?? '');
    else {
      const client = ownerOf(row, refuse);
      const employee = client && employeeOf(row, clock, refuse, complain);
      if (!client || !employee) return;
      client.employees.push(employee);
      employees.set(employee.id, employee);
    }
  });
  const shift = ['id', 'funcionario_id', 'dia_semana', 'hora_inicio', 'hora_fim'];
  await read('funcionario_turnos', shift, (row, refuse) => {
    if (nobodies.has(row['funcionario_id'] ?? '')) return;
    const employee = employees.get(row['funcionario_id'] ?? '');
    if (!employee) return refuse('funcionario_id', 'BALTO_LEGACY_ORPHAN', 'o funcionário não existe, ou foi recusado');
    const found = shiftOf(row, refuse);
    if (found) employee.shifts.push(found);
  });
  return { clients: [...clients.values()], owners, nobodies };
}

type Take = (row: SourceRow, refuse: Complain, complain: Complain) => void;

/** Goes through a table; `refuse` notes that a row is not taken, `complain` that it is taken without something. */
function reader(source: LegacySource, report: LegacyReport) {
  return async (table: LegacyTable, wanted: readonly string[], take: Take): Promise<void> => {
    const columns = await columnsOf(source, table, wanted);
    if (!columns) return;
    const key = wanted[0] ?? 'id';
    for await (const { rows, unreadable } of pagesOf(source, table, columns)) {
      for (const id of unreadable) noteUnreadable(report, table, id);
      for (const row of rows) {
        const id = (row[key] ?? '').slice(0, MOST.id);
        const say = (effect: 'refused' | 'changed'): Complain => {
          return (field, code, message) => note(report, { table, id, field, effect, code, message });
        };
        take(row, say('refused'), say('changed'));
      }
    }
  };
}

export function noteUnreadable(report: LegacyReport, table: LegacyTable, id: string): void {
  const message = 'a linha tem texto que não é da codificação do banco';
  note(report, { table, id, field: null, effect: 'refused', code: 'BALTO_LEGACY_ENCODING', message });
}

function clientOf(row: SourceRow, refuse: Complain, complain: Complain): LegacyClient | null {
  const clientId = idOf(row, 'user_id', refuse);
  if (clientId === null) return null;
  const email = textOf(row['email'], 'email', complain, LONGEST_EMAIL + 1)?.trim() ?? '';
  if (!EMAIL.test(email) || email.length > LONGEST_EMAIL) {
    refuse('email', 'BALTO_LEGACY_EMAIL', 'o e-mail falta ou não é um e-mail; corrija na origem e importe de novo');
    return null;
  }
  const name = textOf(row['razao_social'], 'razao_social', complain, MOST.name)?.trim() ?? '';
  if (name === '') complain('razao_social', 'BALTO_LEGACY_NAME', 'falta a razão social; fica o e-mail no lugar dela');
  return {
    clientId,
    email,
    companyName: name === '' ? email : name,
    phone: textOf(row['telefone'], 'telefone', complain, MOST.phone),
    counters: [],
    employees: [],
  };
}

function counterOf(row: SourceRow, refuse: Complain, complain: Complain): LegacyCounter | null {
  const counterId = idOf(row, 'balcao_id', refuse);
  if (counterId === null) return null;
  const name = textOf(row['nome_balcao'], 'nome_balcao', complain, MOST.name)?.trim() ?? '';
  const apiKey = row['api_key'] ?? '';
  if (apiKey.length > MOST.key) {
    refuse('api_key', 'BALTO_LEGACY_KEY', 'a chave é longa demais para ser de um balcão');
    return null;
  }
  if (apiKey === '') complain('api_key', 'BALTO_LEGACY_KEY', 'o balcão não tem chave; gere uma antes de usá-lo');
  return {
    counterId,
    name: name === '' ? `Balcão ${counterId.slice(0, 8)}` : name,
    apiKey: apiKey === '' ? null : apiKey,
    vad: vadOf(row['vad_config'], complain),
  };
}

function employeeOf(row: SourceRow, clock: WallClock, refuse: Complain, complain: Complain): LegacyEmployee | null {
  const name = textOf(row['nome'], 'nome', complain, MOST.name)?.trim() ?? '';
  if (name === '') {
    refuse('nome', 'BALTO_LEGACY_NAME', 'falta o nome do funcionário');
    return null;
  }
  return {
    id: row['id'] ?? '',
    name,
    audioFileName: textOf(row['audio_file_name'], 'audio_file_name', complain, MOST.file),
    createdAt: momentOf(row['criado_em'], clock, 'criado_em', complain),
    shifts: [],
  };
}

function shiftOf(row: SourceRow, refuse: Complain): LegacyShift | null {
  const weekday = integerOf(row['dia_semana'], 'dia_semana', refuse);
  const [from, to] = [clockTimeOf(row['hora_inicio']), clockTimeOf(row['hora_fim'])];
  if (weekday !== null && weekday >= 0 && weekday <= 6 && from && to) return { id: row['id'] ?? '', weekday, from, to };
  refuse('dia_semana', 'BALTO_LEGACY_SHIFT', 'o turno precisa de um dia de 0 a 6 e de duas horas');
  return null;
}

/** Ids are kept as they are: devices and reports know them. */
function idOf(row: SourceRow, field: string, refuse: Complain): string | null {
  const id = row[field] ?? '';
  if (id !== '' && id.length <= MOST.id && /^[\x21-\x7e]+$/.test(id)) return id;
  refuse(field, 'BALTO_LEGACY_ID', 'o identificador falta, passa de 64 caracteres ou tem espaços ou acentos');
  return null;
}
