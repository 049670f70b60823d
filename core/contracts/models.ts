import { ProviderError } from './errors.ts';

/**
 * The error of a model name that `vendorTitle` has taken out of service, or undefined when `model` is not in `retired`
 * (retired name → nearest current one). For `probe()`: `invalid_request`, blame `config`, not retryable, with both names.
 *
 * A name matches as people write it (`Acme Beta` is `acme-beta`) and with a snapshot's date (`acme-1-2024-08-06` is `acme-1`).
 */
export function retiredModel(
  vendorTitle: string,
  model: string,
  retired: Readonly<Record<string, string>>,
): ProviderError | undefined {
  const written = model.trim().toLowerCase().replaceAll(/\s+/g, '-');
  const name = [written, written.replace(/-\d{4}-\d{2}-\d{2}$/, '')].find((known) => Object.hasOwn(retired, known));
  if (name === undefined) return undefined;
  return new ProviderError({
    code: 'invalid_request',
    blame: 'config',
    retryable: false,
    message: `${vendorTitle} aposentou o modelo «${model.trim().slice(0, 100)}»; o mais próximo hoje é «${retired[name]}»`,
  });
}
