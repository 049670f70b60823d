import type { Readable } from 'node:stream';
import { type Entry, open, type ZipFile } from 'yauzl';
import { refuseFile } from './failures.ts';

/** The official list is some 100 MB of XML in 8 MB of archive; a bomb is far past both. */
const MAX_INFLATED_BYTES = 600 * 1024 * 1024;
const MAX_RATIO = 150;
/** Below this size a ratio says nothing. */
const RATIO_FROM_BYTES = 8 * 1024 * 1024;
const MAX_ENTRIES = 2000;

/** The parts of a workbook's archive, each bounded before it is unpacked. */
export class XlsxZip {
  readonly #zip: ZipFile;
  readonly #entries: ReadonlyMap<string, Entry>;
  #inflatedBytes = 0;

  private constructor(zip: ZipFile, entries: ReadonlyMap<string, Entry>) {
    this.#zip = zip;
    this.#entries = entries;
  }

  /** @throws BaltoError `BALTO_IMPORT_XLSX` for an archive that is damaged, `BALTO_IMPORT_BOMB` for one that swells. */
  static async open(file: string): Promise<XlsxZip> {
    const zip = await new Promise<ZipFile>((resolve, reject) =>
      open(file, { lazyEntries: true, autoClose: false }, (error, opened) =>
        opened ? resolve(opened) : reject(damaged(error)),
      ),
    );
    try {
      if (zip.entryCount > MAX_ENTRIES) throw bomb(`tem ${zip.entryCount} partes`);
      return new XlsxZip(zip, await entriesOf(zip));
    } catch (error) {
      zip.close();
      throw error;
    }
  }

  has(name: string): boolean {
    return this.#entries.has(name);
  }

  /** What a part holds, unpacked as it is read; more than it says it holds is an error. */
  async stream(name: string): Promise<Readable> {
    const entry = this.#entries.get(name);
    if (!entry) throw refuseFile('BALTO_IMPORT_XLSX', `A planilha não pôde ser lida: falta nela a parte ${name}.`);
    const { uncompressedSize, compressedSize } = entry;
    this.#inflatedBytes += uncompressedSize;
    const isSwollen = uncompressedSize > RATIO_FROM_BYTES && uncompressedSize > compressedSize * MAX_RATIO;
    if (isSwollen || this.#inflatedBytes > MAX_INFLATED_BYTES) {
      throw bomb(`descompactada teria ${Math.round(this.#inflatedBytes / 1048576)} MB`);
    }
    return await new Promise((resolve, reject) =>
      this.#zip.openReadStream(entry, (error, stream) => (stream ? resolve(stream) : reject(damaged(error)))),
    );
  }

  close(): void {
    this.#zip.close();
  }
}

function entriesOf(zip: ZipFile): Promise<Map<string, Entry>> {
  const entries = new Map<string, Entry>();
  return new Promise((resolve, reject) => {
    zip.on('error', (error) => reject(damaged(error)));
    zip.on('end', () => resolve(entries));
    zip.on('entry', (entry: Entry) => {
      if (!entries.has(entry.fileName)) entries.set(entry.fileName, entry);
      zip.readEntry();
    });
    zip.readEntry();
  });
}

/** What the archive's reader says of it is in its own words: it is not passed on. */
export function damaged(cause: unknown): Error {
  return refuseFile(
    'BALTO_IMPORT_XLSX',
    'A planilha não pôde ser lida: o arquivo está danificado, incompleto ou não é .xlsx.',
    cause,
  );
}

function bomb(what: string): Error {
  return refuseFile('BALTO_IMPORT_BOMB', `A planilha não foi aberta: ${what}, muito além do que um catálogo precisa.`);
}
