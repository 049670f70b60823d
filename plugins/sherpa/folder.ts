import { readdir } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import Type from 'typebox';
import { ProviderError } from '../../core/contracts/index.ts';

/** Settings that say where local models are; the same for every provider that reads them. */
export const placeSchema = {
  modelsDir: Type.String({
    title: 'Pasta dos modelos (balto models); vazio: models dentro da pasta de dados',
    default: '',
    env: 'BALTO_MODELS_DIR',
  }),
  dataDir: Type.String({ title: 'Pasta de dados', default: './data', minLength: 1, env: 'BALTO_DATA_DIR' }),
};

/** A name below the models folder: no separators, so that it leads nowhere else. */
export const MODEL_NAME = '^[A-Za-z0-9][A-Za-z0-9._-]{0,120}$';

export interface ModelPlace {
  modelsDir: string;
  dataDir: string;
  /** Name of a folder below the models folder. */
  name: string;
  /** Path that goes before all of that; empty: none. */
  path: string;
  /** Variables that set name and path, for messages. */
  nameVariable: string;
  pathVariable: string;
}

/** A model's folder with the names in it. */
export interface ModelFolder {
  path: string;
  files: string[];
}

/** Path of the model folder (or, for an explicit path, file); it may not exist. */
export function modelPath({ modelsDir, dataDir, name, path }: ModelPlace): string {
  if (path !== '') return resolve(path);
  return resolve(modelsDir === '' ? resolve(dataDir, 'models') : modelsDir, name);
}

/** Reads the folder. Throws `invalid_request`, blame `config`, naming the variables, when it is not there. */
export async function openModelFolder(place: ModelPlace): Promise<ModelFolder> {
  const path = modelPath(place);
  try {
    return { path, files: (await readdir(path)).sort() };
  } catch (cause) {
    const code = String((cause as { code?: unknown }).code ?? 'erro');
    const given = place.path === '' ? `${place.nameVariable} e BALTO_MODELS_DIR` : place.pathVariable;
    throw modelError(
      `não há pasta de modelo em ${path} (${code}); confira ${given}, ou traga o modelo com: balto models pull`,
      cause,
    );
  }
}

/** A model that is not there, is broken, or is none this plugin can use. The paths in it are the operator's own. */
export function modelError(message: string, cause?: unknown): ProviderError {
  return new ProviderError({ code: 'invalid_request', blame: 'config', retryable: false, message, cause });
}

/** The files of a folder as a person would tell them, bounded. */
export function listed({ path, files }: ModelFolder): string {
  const shown = files.slice(0, 8).join(', ');
  return `${basename(path)} (${files.length === 0 ? 'vazia' : shown}${files.length > 8 ? ', …' : ''})`;
}
