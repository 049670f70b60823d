import type { Balto } from '../../core/app.ts';
import type { Complete } from '../../core/pharmacy/recommend.ts';
import { LlmRunner } from '../../core/runtime/llm-runner.ts';
import { systemClock } from '../../core/runtime/provider-context.ts';

/** Asks one provider with its key from the environment, as the runtime does: deadlines, retries, costs. */
export function askOf({ providers }: Balto, address: string): Complete {
  const provider = providers.configuration.global().provider(address);
  if (!provider || provider.missing !== null) throw new Error(provider?.missing ?? `não há provedor ${address}`);
  const decision = { rule: 'avaliacao', version: 0, mode: 'segment' as const, candidates: [address], rejected: [] };
  const candidates = [{ address: provider.address, credential: 0, provider }];
  const runner = new LlmRunner({ ...providers, clock: systemClock, candidates: () => ({ decision, candidates }) });
  return (request, how) => runner.complete(request, how);
}
