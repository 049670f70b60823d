import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { BaltoError } from '../contracts/index.ts';
import type { Command, Io } from './command.ts';
import { fileNameOf, unpack } from './model-archive.ts';
import { download } from './model-download.ts';
import { progressLine } from './model-progress.ts';
import {
  CATALOGUE,
  checkDisk,
  checkFree,
  installed,
  installedNames,
  MODEL_NAME,
  modelsFolder,
  putInPlace,
  workFolder,
} from './model-store.ts';
import { table } from './table.ts';

type Values = Record<string, string | boolean | undefined>;

interface Wanted {
  name: string;
  url: URL;
  sha256: string;
  maxBytes: number;
  force: boolean;
}

/** Room for the archive and for what comes out of it. */
const UNPACKED_FACTOR = 3;
const MEGABYTE = 1_048_576;
/** After these the download is kept: nothing is wrong with it. Other verified bytes that cannot be used never can. */
const MAY_STILL_DO = new Set(['BALTO_MODELS_BZIP2', 'BALTO_MODELS_DISK', 'BALTO_MODELS_ABORTED']);

export const command: Command = {
  usage: 'models list | pull NOME | pull --url ENDEREÇO --sha256 HEX [--name NOME]',
  summary:
    'Lista os modelos locais e traz um para BALTO_MODELS_DIR, conferindo o SHA-256 antes de instalar. Um download interrompido continua de onde parou.',
  positionals: ['list|pull', '[NOME]'],
  options: {
    url: { type: 'string', value: 'ENDEREÇO', help: 'De onde vem um modelo que não está na lista' },
    sha256: { type: 'string', value: 'HEX', help: 'SHA-256 que o arquivo tem de ter' },
    name: { type: 'string', value: 'NOME', help: 'Nome da pasta do modelo; sem ele, o do arquivo' },
    'max-mb': { type: 'string', value: 'MB', help: 'Maior tamanho aceito (4096)' },
    force: { type: 'boolean', help: 'Troca o modelo que já estiver com esse nome' },
  },
  async run({ values, positionals }, io) {
    const folder = modelsFolder(io.env);
    const [what, name] = positionals;
    if (what === 'list' && name === undefined) return list(folder, values, io);
    if (what === 'pull') return pull(folder, wantedOf(name, values), values, io);
    throw wrongUse('Esperado: models list, ou models pull NOME');
  },
};

async function list(folder: string, values: Values, io: Io): Promise<number> {
  const present = await installedNames(folder);
  const known = CATALOGUE.map((model) => ({ ...model, installed: present.includes(model.name) }));
  const others = present.filter((name) => !CATALOGUE.some((model) => model.name === name));
  if (values['json'] === true) {
    io.out(JSON.stringify({ ok: true, folder, models: known, others }, null, 2));
    return 0;
  }
  const rows = [
    ...known.map((model) => [model.name, model.installed ? 'instalado' : '-', model.use, model.license]),
    ...others.map((name) => [name, 'instalado', '(fora da lista)', '']),
  ];
  io.out(`Pasta: ${folder}`);
  for (const line of table(['modelo', 'situação', 'para', 'licença'], rows)) io.out(line);
  io.out('A fonte de cada SHA-256 está em balto models list --json.');
  return 0;
}

async function pull(folder: string, wanted: Wanted, values: Values, io: Io): Promise<number> {
  const already = await installed(folder, wanted.name);
  const isThere = already?.sha256 === wanted.sha256 && !wanted.force;
  if (!isThere && !wanted.force) checkFree(folder, wanted.name);
  const place = isThere ? join(folder, wanted.name) : await bring(folder, wanted, io);
  if (values['json'] === true) io.out(JSON.stringify({ ok: true, name: wanted.name, folder: place, already: isThere }));
  else io.out(isThere ? `Já está em ${place}` : `Pronto: ${place}`);
  return 0;
}

async function bring(folder: string, { name, url, sha256, maxBytes }: Wanted, io: Io): Promise<string> {
  const work = await workFolder(folder);
  const { signal } = io;
  const file = await download({
    url,
    sha256,
    folder: work,
    maxBytes,
    signal,
    checkRoom: (bytes) => checkDisk(folder, (bytes ?? 0) * UNPACKED_FACTOR),
    onProgress: progressLine(io.error),
  });
  const into = join(work, `${sha256}.unpacked`);
  await rm(into, { recursive: true, force: true });
  await mkdir(into);
  try {
    await unpack({ file, fileName: fileNameOf(url), into, maxBytes: maxBytes * UNPACKED_FACTOR, signal });
    const place = await putInPlace(into, folder, { name, sha256, url: `${url.origin}${url.pathname}` });
    await rm(file, { force: true });
    return place;
  } catch (error) {
    if (!(error instanceof BaltoError && MAY_STILL_DO.has(error.code))) await rm(file, { force: true });
    throw error;
  } finally {
    await rm(into, { recursive: true, force: true });
  }
}

function wantedOf(named: string | undefined, values: Values): Wanted {
  const { url, sha256, name = named } = values as Record<string, string | undefined>;
  const force = values['force'] === true;
  const maxBytes = megabytesOf(values['max-mb']) * MEGABYTE;
  if (url === undefined) {
    if (sha256 !== undefined || values['name'] !== undefined) throw wrongUse('--sha256 e --name vão com --url');
    const model = CATALOGUE.find((each) => each.name === named);
    if (!model) throw unknown(named);
    return { name: model.name, url: new URL(model.url), sha256: model.sha256, maxBytes, force };
  }
  if (sha256 === undefined || !/^[0-9a-f]{64}$/i.test(sha256)) {
    throw wrongUse('--url pede --sha256 com os 64 dígitos que quem publica o arquivo informa');
  }
  const address = addressOf(url);
  const own = name ?? fileNameOf(address).replace(/\.(tar(\.gz|\.bz2)?|tgz|tbz2?|onnx)$/i, '');
  if (!MODEL_NAME.test(own)) throw wrongUse('--name: letras, dígitos, ponto, hífen e sublinhado');
  return { name: own, url: address, sha256: sha256.toLowerCase(), maxBytes, force };
}

function addressOf(text: string): URL {
  const url = URL.parse(text);
  const isWeb = url?.protocol === 'https:' || url?.protocol === 'http:';
  if (!url || !isWeb || url.username !== '' || url.password !== '') {
    throw wrongUse('--url: um endereço https:// ou http://, sem usuário e senha');
  }
  return url;
}

function megabytesOf(value: string | boolean | undefined): number {
  const megabytes = value === undefined ? 4096 : Number(value);
  if (Number.isInteger(megabytes) && megabytes >= 1 && megabytes <= 1_048_576) return megabytes;
  throw wrongUse('--max-mb: um número inteiro de MB');
}

function unknown(name: string | undefined): BaltoError {
  if (name === undefined) return wrongUse('Falta o nome do modelo, ou --url e --sha256');
  const message = `Modelo desconhecido: "${name.slice(0, 80)}". Veja balto models list, ou use --url e --sha256.`;
  return new BaltoError({ code: 'BALTO_MODELS_UNKNOWN', message, field: 'name' });
}

function wrongUse(message: string): BaltoError {
  return new BaltoError({ code: 'BALTO_CLI_USAGE', message });
}
