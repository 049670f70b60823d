import { readFileSync } from 'node:fs';
import { Type } from 'typebox';
import { BaltoError } from '../contracts/index.ts';
import { parseStarter, type StarterCatalogue } from './catalogue.ts';
import { parseFilters, type TranscriptFilters } from './filters.ts';
import type { GateData } from './gate.ts';
import { type Lexicon, parseLexicon } from './lexicon.ts';
import { MedicineBook } from './medicines.ts';
import { loadOtc, type OtcList } from './otc.ts';
import { parseData } from './parse.ts';
import { type Prompt, parsePrompt } from './prompt.ts';
import { foldedWords, stem } from './text.ts';

/** Everything the pharmacy decides by, read once at start and passed on; nothing here reads a file again. */
export interface PharmacyData {
  filters: TranscriptFilters;
  lexicon: Lexicon;
  prompt: Prompt;
  book: MedicineBook;
  starter: StarterCatalogue;
  gate: GateData;
  otc: OtcList;
}

const FOLDER = new URL('../../config/', import.meta.url);
/** The prompt in force; a changed text is a new file, and the ones before it stay. */
const PROMPT = 'recomendacao-v2';

const WordsSchema = Type.Object(
  { version: Type.String(), note: Type.String(), words: Type.Array(Type.String({ minLength: 1, maxLength: 40 })) },
  { additionalProperties: false },
);

/** Reads and checks the data of `config/`. Throws BaltoError `BALTO_PHARMACY_DATA` naming file and field. */
export function loadPharmacyData(folder: URL = FOLDER): PharmacyData {
  const lexicon = parseLexicon(json(folder, 'lexicon.json'), 'config/lexicon.json');
  const starter = parseStarter(json(folder, 'catalogue-starter.json'), 'config/catalogue-starter.json');
  const words = parseData(WordsSchema, json(folder, 'explanation-words.json'), 'config/explanation-words.json');
  const otc = loadOtc((name) => json(folder, `otc/${name}`));
  const templates = Object.values(lexicon.templates).join(' ').replaceAll('{motivo}', ' ');
  return {
    filters: parseFilters(json(folder, 'transcript-filters.json'), 'config/transcript-filters.json'),
    lexicon,
    prompt: parsePrompt(text(folder, `prompts/${PROMPT}.md`), `config/prompts/${PROMPT}.md`),
    book: new MedicineBook(starter, otc.names),
    starter,
    gate: {
      maxItems: lexicon.limits.maxItems,
      templates: lexicon.templates,
      words: new Set([...words.words.flatMap(foldedWords), ...foldedWords(templates)].map(stem)),
    },
    otc,
  };
}

function text(folder: URL, name: string): string {
  try {
    return readFileSync(new URL(name, folder), 'utf8');
  } catch (cause) {
    throw new BaltoError({
      code: 'BALTO_PHARMACY_DATA',
      message: `config/${name}: não pôde ser lido`,
      field: name,
      cause,
    });
  }
}

function json(folder: URL, name: string): unknown {
  const file = text(folder, name);
  try {
    return JSON.parse(file) as unknown;
  } catch (cause) {
    throw new BaltoError({ code: 'BALTO_PHARMACY_DATA', message: `config/${name}: não é JSON`, field: name, cause });
  }
}
